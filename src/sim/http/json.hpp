#pragma once

#include "base/error.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

/// The bodies of JSON APIs: requests are read strictly, whatever a client may send, and the errors
/// name the member and say what it must be.
namespace inferometer::sim {

/// A body that must be one JSON object. Values nested deeper than any member that is used are
/// dropped.
[[nodiscard]] base::Result<nlohmann::json> parse_json_object(std::string_view text);

/// The member `name`, or null if it is missing or `object` is none.
[[nodiscard]] const nlohmann::json& member(const nlohmann::json& object, const char* name);

/// A member that must be a string that is not empty.
[[nodiscard]] base::Result<std::string> read_text(const nlohmann::json& object, const char* name);

/// A boolean; `otherwise` if it is missing or null.
[[nodiscard]] base::Result<bool> read_flag(const nlohmann::json& object, const char* name,
                                           bool otherwise = false);

/// An integer of at least `least`; no value if it is missing or null.
[[nodiscard]] base::Result<std::optional<std::uint64_t>> read_count(const nlohmann::json& object,
                                                                    const char* name,
                                                                    std::uint64_t least);

/// An object; null if it is missing or null.
[[nodiscard]] base::Result<nlohmann::json> read_object(const nlohmann::json& object,
                                                       const char* name);

/// A member of `object` that `known` does not name; empty if there is none.
[[nodiscard]] std::string find_unknown(const nlohmann::json& object,
                                       std::span<const std::string_view> known);

/// Appends the text of a content to `prompt`: a string, or an array of parts, whose texts count.
/// False if it has another shape.
[[nodiscard]] bool append_content(const nlohmann::json& content, std::string& prompt);

/// What an API asks of a list of messages.
struct MessageRules {
  const char* list = "messages";                 ///< the member of the body
  std::span<const std::string_view> roles = {};  ///< the ones there are; empty: any
  bool content_needed = false;
};

/// Appends the texts of all messages of `body` to `prompt`.
[[nodiscard]] base::Result<void> read_messages(const nlohmann::json& body,
                                               const MessageRules& rules, std::string& prompt);

/// `text` as a JSON string; bytes that are no UTF-8 are replaced.
[[nodiscard]] std::string quote(std::string_view text);

/// `value` on one line; bytes that are no UTF-8 are replaced.
[[nodiscard]] std::string to_line(const nlohmann::json& value);

/// RFC 3339 in UTC and whole seconds, of `seconds` since the epoch of Unix.
[[nodiscard]] std::string rfc3339(std::int64_t seconds);

}  // namespace inferometer::sim
