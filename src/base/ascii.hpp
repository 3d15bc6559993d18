#pragma once

#include <string>
#include <string_view>
#include <vector>

/// Letters, blanks and lists as protocols mean them: ASCII alone, whatever the locale.
namespace inferometer::base {

[[nodiscard]] constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Whether it is one of C0 or DEL.
[[nodiscard]] constexpr bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

[[nodiscard]] constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

[[nodiscard]] constexpr bool is_alphanumeric(char c) {
  const char lower = to_lower(c);
  return (lower >= 'a' && lower <= 'z') || is_digit(c);
}

/// Whether it is a character that is seen: no blank, no control character.
[[nodiscard]] constexpr bool is_visible_ascii(char c) {
  return c > ' ' && c < '\x7f';
}

/// `text` with its ASCII letters in lower case.
[[nodiscard]] std::string to_lower(std::string_view text);

/// Whether both are the same but for the case of ASCII letters, as names of headers are.
[[nodiscard]] bool equal_ignoring_case(std::string_view a, std::string_view b);

/// `text` without blanks at either end, by default those that headers have: a view within `text`,
/// also where nothing is left.
[[nodiscard]] std::string_view trimmed(std::string_view text, std::string_view blanks = " \t");

/// Views of what stands between the separators, one more than there are of these.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);

}  // namespace inferometer::base
