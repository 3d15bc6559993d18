#include "config/utf8.hpp"

namespace inferometer::config {
namespace {

unsigned char byte_at(std::string_view text, std::size_t at) {
  return at < text.size() ? static_cast<unsigned char>(text[at]) : 0;
}

bool is_within(unsigned char byte, unsigned char first, unsigned char last) {
  return byte >= first && byte <= last;
}

/// The length of the valid sequence at `at`, or 0. The ranges are the table of RFC 3629, section 4.
std::size_t sequence_length(std::string_view text, std::size_t at) {
  const unsigned char lead = byte_at(text, at);
  if (lead < 0x80) {
    return 1;
  }
  const std::size_t length = is_within(lead, 0xc2, 0xdf)   ? 2
                             : is_within(lead, 0xe0, 0xef) ? 3
                             : is_within(lead, 0xf0, 0xf4) ? 4
                                                           : 0;
  const unsigned char first = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  const unsigned char last = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  if (length == 0 || !is_within(byte_at(text, at + 1), first, last)) {
    return 0;
  }
  for (std::size_t i = 2; i < length; ++i) {
    if (!is_within(byte_at(text, at + i), 0x80, 0xbf)) {
      return 0;
    }
  }
  return length;
}

}  // namespace

std::size_t find_invalid_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = sequence_length(text, at);
    if (length == 0) {
      return at;
    }
    at += length;
  }
  return std::string_view::npos;
}

bool has_control_character(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const unsigned char byte = byte_at(text, at);
    const bool is_c1 = byte == 0xc2 && is_within(byte_at(text, at + 1), 0x80, 0x9f);
    if (byte < 0x20 || byte == 0x7f || is_c1) {
      return true;
    }
  }
  return false;
}

}  // namespace inferometer::config
