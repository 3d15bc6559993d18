#include "wire/base64.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace inferometer::wire {
namespace {

constexpr std::string_view k_standard =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view k_url =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::uint8_t k_none = 0xff;

/// For each character the six bits that it stands for.
using Table = std::array<std::uint8_t, 256>;

constexpr Table make_table(std::string_view alphabet) {
  Table table{};
  for (std::uint8_t& bits : table) {
    bits = k_none;
  }
  std::uint8_t bits = 0;
  for (const char c : alphabet) {
    table[static_cast<unsigned char>(c)] = bits++;
  }
  return table;
}

constexpr Table k_standard_table = make_table(k_standard);
constexpr Table k_url_table = make_table(k_url);

std::string encode(std::string_view bytes, std::string_view alphabet) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  std::uint32_t pending = 0;
  unsigned pending_bits = 0;
  for (const char byte : bytes) {
    pending = (pending << 8U) | static_cast<unsigned char>(byte);
    pending_bits += 8;
    while (pending_bits >= 6) {
      pending_bits -= 6;
      text.push_back(alphabet[(pending >> pending_bits) & 0x3fU]);
    }
  }
  if (pending_bits > 0) {
    text.push_back(alphabet[(pending << (6 - pending_bits)) & 0x3fU]);
  }
  return text;
}

/// `text` is without padding.
bool decode(std::string_view text, const Table& table, std::string& bytes) {
  if (text.size() % 4 == 1) {
    return false;
  }
  bytes.clear();
  bytes.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t pending = 0;
  unsigned pending_bits = 0;
  for (const char c : text) {
    const std::uint8_t bits = table[static_cast<unsigned char>(c)];
    if (bits == k_none) {
      return false;
    }
    pending = (pending << 6U) | bits;
    pending_bits += 6;
    if (pending_bits >= 8) {
      pending_bits -= 8;
      bytes.push_back(static_cast<char>((pending >> pending_bits) & 0xffU));
    }
  }
  return (pending & ((1U << pending_bits) - 1)) == 0;
}

}  // namespace

std::string base64_encode(std::string_view bytes) {
  std::string text = encode(bytes, k_standard);
  text.append((4 - text.size() % 4) % 4, '=');
  return text;
}

std::string base64url_encode(std::string_view bytes) {
  return encode(bytes, k_url);
}

bool base64_decode(std::string_view text, std::string& bytes) {
  if (text.size() % 4 != 0) {
    return false;
  }
  for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) {
    text.remove_suffix(1);
  }
  return decode(text, k_standard_table, bytes);
}

std::optional<std::string> base64_decode(std::string_view text) {
  std::string bytes;
  return base64_decode(text, bytes) ? std::optional(std::move(bytes)) : std::nullopt;
}

std::optional<std::string> base64url_decode(std::string_view text) {
  std::string bytes;
  return decode(text, k_url_table, bytes) ? std::optional(std::move(bytes)) : std::nullopt;
}

}  // namespace inferometer::wire
