#include "wire/percent_encoding.hpp"

#include "base/ascii.hpp"

#include <cstddef>

namespace inferometer::wire {
namespace {

bool is_unreserved(char c) {
  return base::is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

void append_encoded(std::string& result, char c) {
  constexpr std::string_view k_digits = "0123456789ABCDEF";
  if (is_unreserved(c)) {
    result.push_back(c);
    return;
  }
  const auto byte = static_cast<unsigned char>(c);
  result.push_back('%');
  result.push_back(k_digits[byte >> 4U]);
  result.push_back(k_digits[byte & 0xfU]);
}

/// The value of a hexadecimal digit; 16 for anything else.
unsigned digit_value(char c) {
  if (base::is_digit(c)) {
    return static_cast<unsigned>(c - '0');
  }
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? static_cast<unsigned>(lower - 'a') + 10 : 16;
}

}  // namespace

std::string percent_encode(std::string_view text) {
  std::string result;
  for (const char c : text) {
    append_encoded(result, c);
  }
  return result;
}

std::string percent_encode_path(std::string_view path) {
  std::string result;
  for (const char c : path) {
    if (c == '/') {
      result.push_back(c);
    } else {
      append_encoded(result, c);
    }
  }
  return result;
}

std::optional<std::string> percent_decode(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      result.push_back(text[i]);
      continue;
    }
    if (text.size() - i < 3) {
      return std::nullopt;
    }
    const unsigned high = digit_value(text[i + 1]);
    const unsigned low = digit_value(text[i + 2]);
    if (high > 15 || low > 15) {
      return std::nullopt;
    }
    result.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return result;
}

}  // namespace inferometer::wire
