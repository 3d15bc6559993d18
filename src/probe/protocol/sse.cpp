#include "probe/protocol/sse.hpp"

#include <algorithm>

namespace inferometer::probe::protocol {

bool SseFraming::feed(std::string_view bytes, const FrameFunction& emit) {
  while (!bytes.empty() && !m_too_long) {
    if (m_swallow_lf) {
      m_swallow_lf = false;
      if (bytes.front() == '\n') {
        bytes.remove_prefix(1);
        continue;
      }
    }
    // Two searches by memchr are faster than one for either character: a CR is rare.
    std::size_t end = bytes.find('\n');
    end = std::min(end, bytes.substr(0, end).find('\r'));
    const std::string_view piece = bytes.substr(0, end);
    if (m_line.size() + m_data.size() + piece.size() > m_max_event_bytes) {
      m_too_long = true;
      break;
    }
    if (end == std::string_view::npos) {
      m_line.append(piece);
      break;
    }
    m_swallow_lf = bytes[end] == '\r';
    bytes.remove_prefix(end + 1);
    if (m_line.empty()) {
      take_line(piece, emit);
    } else {
      m_line.append(piece);
      take_line(m_line, emit);
      m_line.clear();
    }
  }
  return !m_too_long;
}

bool SseFraming::finish(const FrameFunction& emit) {
  if (m_too_long) {
    return false;
  }
  if (!m_line.empty()) {
    take_line(m_line, emit);
    m_line.clear();
  }
  dispatch(emit);
  return true;
}

void SseFraming::take_line(std::string_view line, const FrameFunction& emit) {
  constexpr std::string_view k_byte_order_mark = "\xEF\xBB\xBF";
  if (m_first_line) {
    m_first_line = false;
    if (line.starts_with(k_byte_order_mark)) {
      line.remove_prefix(k_byte_order_mark.size());
    }
  }
  if (line.empty()) {
    dispatch(emit);
    return;
  }
  const bool bare_json = line.front() == '{';
  const std::size_t colon = bare_json ? std::string_view::npos : line.find(':');
  const std::string_view field = bare_json ? "data" : line.substr(0, colon);
  std::string_view value = bare_json ? line : std::string_view{};
  if (colon != std::string_view::npos) {
    value = line.substr(colon + 1);
    if (value.starts_with(' ')) {
      value.remove_prefix(1);
    }
  }
  if (field == "data") {
    m_data.append(value).push_back('\n');
    m_has_data = true;
  } else if (field == "event") {
    m_type = value;
  }
  // A comment has an empty field name. `id` and `retry` serve reconnection, which a POST has not.
}

void SseFraming::dispatch(const FrameFunction& emit) {
  if (m_has_data) {
    const std::string_view data(m_data.data(), m_data.size() - 1);
    emit(Frame{m_type, data});
  }
  m_data.clear();
  m_has_data = false;
  m_type.clear();
}

}  // namespace inferometer::probe::protocol
