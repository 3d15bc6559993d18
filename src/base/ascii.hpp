#pragma once

#include <string>
#include <string_view>

/// Letters as protocols mean them: ASCII alone, whatever the locale.
namespace inferometer::base {

[[nodiscard]] constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// `text` with its ASCII letters in lower case.
[[nodiscard]] std::string to_lower(std::string_view text);

/// Whether both are the same but for the case of ASCII letters, as names of headers are.
[[nodiscard]] bool equal_ignoring_case(std::string_view a, std::string_view b);

}  // namespace inferometer::base
