#pragma once

#include <nlohmann/json_fwd.hpp>
#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// JSON. What servers send is read without trusting it: what is missing, null or of another type
/// than expected reads as nothing. A value that may be missing can be asked like one that is there.
namespace inferometer::wire {

/// A value within a parsed document: two words that are cheap to copy.
using Json = simdjson::dom::element;
using MaybeJson = std::optional<Json>;

/// Parses `data`, if it is one JSON value in valid UTF-8 of a bounded size; no value otherwise.
/// Numbers that no double or 64-bit integer can hold read as null. The value and the texts that are
/// read from it live until the same thread parses again: a parser needs ten times the memory of
/// what it parses, and there are thousands of streams, so all of a thread's share one.
[[nodiscard]] MaybeJson parse_json(std::string_view data);

/// Whether `data` may hold more values than parse_json takes.
[[nodiscard]] bool has_too_many_values(std::string_view data);

/// The member if it is there and not null: servers leave members out or send them as null, and mean
/// the same. Where a name stands twice the last one counts, as in JavaScript and Python.
[[nodiscard]] MaybeJson member(const MaybeJson& object, std::string_view name);

/// A text member, or empty.
[[nodiscard]] std::string_view text(const MaybeJson& object, std::string_view name);

/// Whether the member is `true`.
[[nodiscard]] bool flag(const MaybeJson& object, std::string_view name);

/// A count of tokens, which may be written as 21.0; no value for what is none. Bounded, so that
/// sums of counts cannot overflow.
[[nodiscard]] std::optional<std::uint64_t> count(const MaybeJson& object, std::string_view name);

/// The elements of an array to iterate over, or none.
class Elements {
 public:
  using Iterator = simdjson::dom::array::iterator;

  Elements() = default;
  explicit Elements(simdjson::dom::array array) : m_begin(array.begin()), m_end(array.end()) {}

  [[nodiscard]] Iterator begin() const { return m_begin; }
  [[nodiscard]] Iterator end() const { return m_end; }
  [[nodiscard]] bool empty() const { return !(m_begin != m_end); }

 private:
  Iterator m_begin;
  Iterator m_end;
};

/// The elements of an array, and those of a member.
[[nodiscard]] Elements elements(const MaybeJson& array);
[[nodiscard]] Elements elements(const MaybeJson& object, std::string_view name);

/// `value` as one line of JSON; empty if it nests deeper than 100 levels, since the library writes
/// recursively.
[[nodiscard]] std::string json_text(Json value);

/// `value` as one line of JSON, what is not UTF-8 replaced; empty if it nests deeper than 100
/// levels, since the library writes recursively.
[[nodiscard]] std::string write_json(const nlohmann::json& value);

}  // namespace inferometer::wire
