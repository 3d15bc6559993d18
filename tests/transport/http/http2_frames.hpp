#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// Frames of HTTP/2 (RFC 9113, section 4.1) and fields of HPACK (RFC 7541) by hand, valid or not.
namespace inferometer::transport::http {

enum FrameType : std::uint8_t {
  k_data = 0,
  k_headers = 1,
  k_priority = 2,
  k_rst_stream = 3,
  k_settings = 4,
  k_push_promise = 5,
  k_ping = 6,
  k_goaway = 7,
  k_window_update = 8,
  k_continuation = 9,
  k_altsvc = 10,
  k_origin = 12,
};

constexpr std::uint8_t k_none = 0;
constexpr std::uint8_t k_end_stream = 1;
constexpr std::uint8_t k_ack = 1;
constexpr std::uint8_t k_end_headers = 4;
constexpr std::uint8_t k_padded = 8;

/// The highest id of a stream that a client opens.
constexpr std::uint32_t k_last_stream = 0x7fff'ffff;

inline std::string big_endian(std::uint32_t value, std::size_t bytes) {
  std::string text;
  for (std::size_t left = bytes; left > 0; --left) {
    text.push_back(static_cast<char>(value >> (8 * (left - 1)) & 0xffU));
  }
  return text;
}

inline std::string frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream,
                         std::string_view payload) {
  return big_endian(static_cast<std::uint32_t>(payload.size()), 3) + static_cast<char>(type) +
         static_cast<char>(flags) + big_endian(stream, 4) + std::string(payload);
}

/// A length with a prefix of seven bits (RFC 7541, section 5.1).
inline std::string hpack_length(std::size_t size) {
  if (size < 127) {
    return {static_cast<char>(size)};
  }
  std::string text{'\x7f'};
  for (size -= 127; size >= 128; size /= 128) {
    text.push_back(static_cast<char>(size % 128 + 128));
  }
  text.push_back(static_cast<char>(size));
  return text;
}

/// A literal field without indexing (RFC 7541, section 6.2.2).
inline std::string field(std::string_view name, std::string_view value) {
  return std::string(1, '\0') + hpack_length(name.size()) + std::string(name) +
         hpack_length(value.size()) + std::string(value);
}

inline std::string settings() {
  return frame(k_settings, k_none, 0, "");
}

/// A head that ends its block; "200" is status() with no more fields.
inline std::string head(std::uint32_t stream, std::string_view fields,
                        std::uint8_t flags = k_none) {
  return frame(k_headers, k_end_headers | flags, stream, fields);
}

inline std::string status(std::string_view code) {
  return field(":status", code);
}

inline std::string data(std::uint32_t stream, std::string_view text, std::uint8_t flags = k_none) {
  return frame(k_data, flags, stream, text);
}

inline std::string rst_stream(std::uint32_t stream, std::uint32_t code) {
  return frame(k_rst_stream, k_none, stream, big_endian(code, 4));
}

inline std::string goaway(std::uint32_t last_stream, std::uint32_t code) {
  return frame(k_goaway, k_none, 0, big_endian(last_stream, 4) + big_endian(code, 4));
}

inline std::string ping() {
  return frame(k_ping, k_none, 0, "12345678");
}

}  // namespace inferometer::transport::http
