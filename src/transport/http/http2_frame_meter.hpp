#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace inferometer::transport::http {

/// Cuts what a peer sends on an HTTP/2 connection into frames (RFC 9113, section 4.1), and counts
/// those that bring nothing, whatever their type, so that they can be bounded: nghttp2 skips some
/// types without a word, and takes a CONTINUATION whose header comes in pieces for several of them.
/// Not thread-safe.
class Http2FrameMeter {
 public:
  /// Takes from the front of `bytes` and returns the header of a frame, whole, or payload up to its
  /// end; nothing while a header lacks its end. It is valid until the next call, as `bytes` are.
  std::string_view next(std::string_view& bytes);

  /// Something has come of it: counts from nothing again.
  void reset();

  /// The type of the frame that next() returned a part of last, for people.
  [[nodiscard]] std::string frame_name() const;

  [[nodiscard]] bool exceeded() const;
  /// What was exceeded and by which type of frame, for people. REQUIRES: exceeded().
  [[nodiscard]] std::string problem() const;

 private:
  std::array<char, 9> m_header{};
  std::size_t m_header_bytes = 0;  ///< of the one that is incomplete
  std::size_t m_payload_left = 0;
  std::uint8_t m_type = 0;
  std::size_t m_frames = 0;
  std::size_t m_bytes = 0;
};

}  // namespace inferometer::transport::http
