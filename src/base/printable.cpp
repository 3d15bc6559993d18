#include "base/printable.hpp"

#include "base/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>

namespace inferometer::base {
namespace {

bool in_range(char c, unsigned char low, unsigned char high) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= low && byte <= high;
}

/// One row of the well-formed UTF-8 sequences: no overlong forms, no surrogates, nothing past
/// U+10FFFF. Further bytes than the second are 80..BF. Source: the Unicode standard, table 3-7.
struct Sequence {
  unsigned char first_low, first_high, second_low, second_high;
  std::size_t length;
};
constexpr std::array<Sequence, 9> k_sequences{{{0x00, 0x7f, 0x00, 0x00, 1},
                                               {0xc2, 0xdf, 0x80, 0xbf, 2},
                                               {0xe0, 0xe0, 0xa0, 0xbf, 3},
                                               {0xe1, 0xec, 0x80, 0xbf, 3},
                                               {0xed, 0xed, 0x80, 0x9f, 3},
                                               {0xee, 0xef, 0x80, 0xbf, 3},
                                               {0xf0, 0xf0, 0x90, 0xbf, 4},
                                               {0xf1, 0xf3, 0x80, 0xbf, 4},
                                               {0xf4, 0xf4, 0x80, 0x8f, 4}}};

bool begins_with(std::string_view text, const Sequence& sequence) {
  if (text.size() < sequence.length ||
      !in_range(text[0], sequence.first_low, sequence.first_high)) {
    return false;
  }
  if (sequence.length > 1 && !in_range(text[1], sequence.second_low, sequence.second_high)) {
    return false;
  }
  const std::string_view rest =
      text.substr(0, sequence.length).substr(std::min(sequence.length, std::size_t{2}));
  return std::all_of(rest.begin(), rest.end(), [](char c) { return in_range(c, 0x80, 0xbf); });
}

/// The code point of one well-formed character.
char32_t code_of(std::string_view character) {
  constexpr std::array<unsigned, 5> k_first_masks{0, 0x7f, 0x1f, 0x0f, 0x07};
  char32_t code = static_cast<unsigned char>(character[0]) & k_first_masks[character.size()];
  for (const char c : character.substr(1)) {
    code = (code << 6U) | (static_cast<unsigned char>(c) & 0x3fU);
  }
  return code;
}

struct Range {
  char32_t first, last;
};
/// Sources: the Unicode standard, 23.1 (control codes), 5.8 (separators), and UAX #9, 2 (explicit
/// directional embeddings, overrides, isolates and implicit marks).
constexpr std::array<Range, 6> k_invisible{{{0x0000, 0x001f},
                                            {0x007f, 0x009f},
                                            {0x061c, 0x061c},
                                            {0x200e, 0x200f},
                                            {0x2028, 0x202e},
                                            {0x2066, 0x2069}}};

}  // namespace

std::string_view first_character(std::string_view text) {
  for (const Sequence& sequence : k_sequences) {
    if (begins_with(text, sequence)) {
      return text.substr(0, sequence.length);
    }
  }
  return {};
}

std::optional<char32_t> invisible_code(std::string_view character) {
  const char32_t code = code_of(character);
  const bool invisible =
      std::any_of(k_invisible.begin(), k_invisible.end(),
                  [code](const Range& range) { return code >= range.first && code <= range.last; });
  return invisible ? std::optional(code) : std::nullopt;
}

std::string printable(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const std::string_view character = first_character(text);
    if (character.empty()) {
      result += "\uFFFD";
      text.remove_prefix(1);
      continue;
    }
    const auto code = invisible_code(character);
    if (code && character != "\n" && character != "\t") {
      fmt::format_to(std::back_inserter(result), "\\u{:04x}", static_cast<unsigned>(*code));
    } else {
      result += character;
    }
    text.remove_prefix(character.size());
  }
  return result;
}

std::string one_line(std::string_view text, std::size_t max_bytes) {
  std::string line;
  while (!text.empty()) {
    const std::string_view character = first_character(text);
    const std::string_view shown = character.empty()           ? "?"
                                   : invisible_code(character) ? " "
                                                               : character;
    if (line.size() + shown.size() > max_bytes) {
      break;
    }
    line += shown;
    text.remove_prefix(std::max(character.size(), std::size_t{1}));
  }
  return line;
}

std::size_t find_invalid_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = first_character(text.substr(at)).size();
    if (length == 0) {
      return at;
    }
    at += length;
  }
  return std::string_view::npos;
}

bool has_control_character(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool is_c1 =
        text[at] == '\xc2' && at + 1 < text.size() && in_range(text[at + 1], 0x80, 0x9f);
    if (is_control(text[at]) || is_c1) {
      return true;
    }
  }
  return false;
}

}  // namespace inferometer::base
