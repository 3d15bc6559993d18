#include "protocol/framing/ndjson.hpp"

namespace inferometer::protocol {

bool NdjsonFraming::feed(std::string_view bytes, const FrameFunction& emit) {
  while (!bytes.empty() && !m_too_long) {
    const std::size_t end = bytes.find('\n');
    const std::string_view piece = bytes.substr(0, end);
    if (m_line.size() + piece.size() > m_max_line_bytes) {
      m_too_long = true;
      break;
    }
    if (end == std::string_view::npos) {
      m_line.append(piece);
      break;
    }
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

bool NdjsonFraming::finish(const FrameFunction& emit) {
  if (m_too_long) {
    return false;
  }
  take_line(m_line, emit);
  m_line.clear();
  return true;
}

void NdjsonFraming::take_line(std::string_view line, const FrameFunction& emit) {
  if (line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  m_ends_frame = !line.empty();
  if (m_ends_frame) {
    emit(Frame{.type = {}, .data = line});
  }
}

}  // namespace inferometer::protocol
