#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Reading what servers send without trusting it: what is missing, null or of another type than
/// expected reads as nothing.
namespace inferometer::wire {

/// The member if it is there and not null, otherwise a null pointer: servers leave members out or
/// send them as null, and mean the same.
[[nodiscard]] const nlohmann::json* member(const nlohmann::json& object, const char* name);

/// A text member, or empty. The view lives as long as `object`.
[[nodiscard]] std::string_view text(const nlohmann::json& object, const char* name);

/// An array member to iterate over, or an empty array. Lives as long as `object`.
[[nodiscard]] const nlohmann::json& elements(const nlohmann::json& object, const char* name);

/// A count of tokens, which may be written as 21.0; no value for what is none. Bounded, so that
/// sums of counts cannot overflow.
[[nodiscard]] std::optional<std::uint64_t> count(const nlohmann::json& object, const char* name);

/// Parses `data`, if it is one JSON value in valid UTF-8 of a harmless size; discarded otherwise.
[[nodiscard]] nlohmann::json parse_json(std::string_view data);

/// Whether `data` may hold more values than parse_json takes: a parsed value takes up to a hundred
/// times the memory of its text.
[[nodiscard]] bool has_too_many_values(std::string_view data);

/// `value` as one line of JSON, what is not UTF-8 replaced; empty if it nests deeper than 100
/// levels, since the library writes recursively.
[[nodiscard]] std::string write_json(const nlohmann::json& value);

}  // namespace inferometer::wire
