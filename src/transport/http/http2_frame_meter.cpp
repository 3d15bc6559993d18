#include "transport/http/http2_frame_meter.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace inferometer::transport::http {
namespace {

constexpr std::size_t k_max_frames = 10'000;
/// Twice a stream's window: what was on its way when a stream was reset breaks no bound.
constexpr std::size_t k_max_bytes = std::size_t{2} << 20U;

}  // namespace

std::string_view Http2FrameMeter::next(std::string_view& bytes) {
  const bool in_payload = m_payload_left > 0;
  const std::size_t wanted = in_payload ? m_payload_left : m_header.size() - m_header_bytes;
  const std::string_view piece = bytes.substr(0, wanted);
  bytes.remove_prefix(piece.size());
  m_bytes += piece.size();
  if (in_payload) {
    m_payload_left -= piece.size();
    return piece;
  }
  std::copy(piece.begin(), piece.end(), m_header.data() + m_header_bytes);
  m_header_bytes += piece.size();
  if (m_header_bytes < m_header.size()) {
    return {};
  }
  const auto byte_at = [this](std::size_t at) {
    return static_cast<std::uint8_t>(m_header.at(at));
  };
  m_header_bytes = 0;
  m_payload_left = std::size_t{byte_at(0)} << 16U | std::size_t{byte_at(1)} << 8U | byte_at(2);
  m_type = byte_at(3);
  ++m_frames;
  return {m_header.data(), m_header.size()};
}

void Http2FrameMeter::reset() {
  m_frames = 0;
  m_bytes = 0;
}

/// RFC 9113, section 6; RFC 7838, section 4; RFC 8336, section 2; RFC 9218, section 7.1.
std::string Http2FrameMeter::frame_name() const {
  constexpr std::array<std::string_view, 17> k_names{"DATA",
                                                     "HEADERS",
                                                     "PRIORITY",
                                                     "RST_STREAM",
                                                     "SETTINGS",
                                                     "PUSH_PROMISE",
                                                     "PING",
                                                     "GOAWAY",
                                                     "WINDOW_UPDATE",
                                                     "CONTINUATION",
                                                     "ALTSVC",
                                                     "",
                                                     "ORIGIN",
                                                     "",
                                                     "",
                                                     "",
                                                     "PRIORITY_UPDATE"};
  if (m_type < k_names.size() && !k_names.at(m_type).empty()) {
    return std::string(k_names.at(m_type));
  }
  return fmt::format("type {}", m_type);
}

bool Http2FrameMeter::exceeded() const {
  return m_frames > k_max_frames || m_bytes > k_max_bytes;
}

std::string Http2FrameMeter::problem() const {
  const std::string bound = m_frames > k_max_frames ? fmt::format("{} frames", k_max_frames)
                                                    : fmt::format("{} MiB", k_max_bytes >> 20U);
  return fmt::format("the server sent more than {} without data of the response, {} last", bound,
                     frame_name());
}

}  // namespace inferometer::transport::http
