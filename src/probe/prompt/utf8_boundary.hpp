#pragma once

#include <cstddef>
#include <string_view>

/// Where UTF-8 text may be cut. In text that is no UTF-8 a boundary is at most 3 bytes off as well.
namespace inferometer::probe::prompt {

/// Whether the byte at `at` continues a character.
[[nodiscard]] constexpr bool continues_character(std::string_view text, std::size_t at) {
  return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0U) == 0x80U;
}

/// The last place at or before `at` where a character ends.
[[nodiscard]] constexpr std::size_t boundary_before(std::string_view text, std::size_t at) {
  for (std::size_t back = 0; back < 4 && back <= at; ++back) {
    if (!continues_character(text, at - back)) {
      return at - back;
    }
  }
  return at;
}

/// The first place at or after `at` where a character begins.
[[nodiscard]] constexpr std::size_t boundary_after(std::string_view text, std::size_t at) {
  for (std::size_t forth = 0; forth < 4; ++forth) {
    if (!continues_character(text, at + forth)) {
      return at + forth;
    }
  }
  return at;
}

}  // namespace inferometer::probe::prompt
