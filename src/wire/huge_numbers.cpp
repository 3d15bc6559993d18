#include "wire/huge_numbers.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <system_error>

namespace inferometer::wire {
namespace {

/// Cuts the digits that `text` begins with off it, and says whether there were any.
bool take_digits(std::string_view& text) {
  const std::size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
  text.remove_prefix(end);
  return end > 0;
}

bool take(std::string_view& text, std::string_view characters) {
  const bool found = !text.empty() && characters.find(text.front()) != std::string_view::npos;
  text.remove_prefix(found ? 1 : 0);
  return found;
}

/// Whether `text` is a number by the grammar of RFC 8259, 6.
bool is_number(std::string_view text) {
  take(text, "-");
  if (!take(text, "0") && !take_digits(text)) {
    return false;
  }
  if (take(text, ".") && !take_digits(text)) {
    return false;
  }
  if (take(text, "eE")) {
    take(text, "+-");
    if (!take_digits(text)) {
      return false;
    }
  }
  return text.empty();
}

template <typename Number>
bool is_beyond(std::string_view text) {
  Number value{};
  return std::from_chars(text.data(), text.data() + text.size(), value).ec ==
         std::errc::result_out_of_range;
}

bool is_huge(std::string_view number) {
  if (number.find_first_of(".eE") != std::string_view::npos) {
    return is_beyond<double>(number);
  }
  return number.starts_with('-') ? is_beyond<std::int64_t>(number)
                                 : is_beyond<std::uint64_t>(number);
}

/// Behind the text whose opening quote stands at `at`.
std::size_t after_text(std::string_view json, std::size_t at) {
  for (++at; at < json.size() && json[at] != '"'; ++at) {
    at += json[at] == '\\' ? 1U : 0U;
  }
  return at + 1;
}

}  // namespace

bool blank_huge_numbers(std::string& json) {
  constexpr std::string_view k_null = "null";
  bool found = false;
  for (std::size_t at = 0; at < json.size();) {
    if (json[at] == '"') {
      at = after_text(json, at);
      continue;
    }
    const std::size_t end = std::min(json.find_first_not_of("0123456789+-.eE", at), json.size());
    const std::string_view number = std::string_view(json).substr(at, end - at);
    if (is_number(number) && is_huge(number)) {  // which takes five characters at least
      std::fill(json.begin() + static_cast<std::ptrdiff_t>(at),
                json.begin() + static_cast<std::ptrdiff_t>(end), ' ');
      json.replace(at, k_null.size(), k_null);
      found = true;
    }
    at = std::max(end, at + 1);
  }
  return found;
}

}  // namespace inferometer::wire
