#pragma once

#include <optional>
#include <string>
#include <string_view>

/// RFC 3986's escapes. The unreserved characters (letters, digits, `-` `.` `_` `~`) stay as they
/// are, everything else becomes `%XX` with upper-case digits.
namespace inferometer::wire {

/// For one segment of a path, one name or value of a query, or a form's.
[[nodiscard]] std::string percent_encode(std::string_view text);

/// For a whole path: `/` stays as well.
[[nodiscard]] std::string percent_encode_path(std::string_view path);

/// No value if a `%` is not followed by two hexadecimal digits. `+` is no space.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text);

}  // namespace inferometer::wire
