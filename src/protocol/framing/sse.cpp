#include "protocol/framing/sse.hpp"

#include <algorithm>

namespace inferometer::protocol {
namespace {

/// The brackets that a line of JSON opens, less those that it closes. No text goes over a line.
std::int64_t bracket_balance(std::string_view line) {
  std::int64_t balance = 0;
  bool in_text = false;
  for (std::size_t at = 0; at < line.size(); ++at) {
    const char c = line[at];
    if (c == '"') {
      in_text = !in_text;
    } else if (in_text && c == '\\') {
      ++at;
    } else if (!in_text && (c == '{' || c == '[')) {
      ++balance;
    } else if (!in_text && (c == '}' || c == ']')) {
      --balance;
    }
  }
  return balance;
}

}  // namespace

bool SseFraming::feed(std::string_view bytes, const FrameFunction& emit) {
  while (!bytes.empty() && !m_too_long) {
    if (m_skip_lf) {
      m_skip_lf = false;
      if (bytes.front() == '\n') {
        bytes.remove_prefix(1);
        continue;
      }
    }
    // Two searches by memchr are faster than one for either character: a CR is rare.
    std::size_t end = bytes.find('\n');
    end = std::min(end, bytes.substr(0, end).find('\r'));
    const std::string_view piece = bytes.substr(0, end);
    if (held() + piece.size() > m_max_event_bytes) {
      m_too_long = true;
      break;
    }
    if (end == std::string_view::npos) {
      m_line.append(piece);
      break;
    }
    m_skip_lf = bytes[end] == '\r';
    bytes.remove_prefix(end + 1);
    if (m_line.empty()) {
      take_line(piece, emit);
    } else {
      m_line.append(piece);
      take_line(m_line, emit);
      keep_data();
      m_line.clear();
    }
  }
  keep_data();
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
  m_ends_event = false;
  if (take_raw_json(line, emit)) {
    return;
  }
  if (line.empty()) {
    dispatch(emit);
  } else {
    take_field(line);
  }
}

bool SseFraming::take_raw_json(std::string_view line, const FrameFunction& emit) {
  if (m_open_brackets > 0 && line.starts_with("data:")) {
    dispatch(emit);  // it broke off
    return false;
  }
  if (m_open_brackets == 0) {
    if (!line.starts_with('{') && !line.starts_with('[')) {
      return false;
    }
    if (m_has_data) {
      dispatch(emit);  // the event before it lacks its empty line
    }
  }
  add_data(line);
  m_open_brackets += bracket_balance(line);
  if (m_open_brackets <= 0) {
    dispatch(emit);
  }
  return true;
}

void SseFraming::take_field(std::string_view line) {
  const std::size_t colon = line.find(':');
  const std::string_view field = line.substr(0, colon);
  std::string_view value = colon == std::string_view::npos ? "" : line.substr(colon + 1);
  if (value.starts_with(' ')) {
    value.remove_prefix(1);
  }
  if (field == "event") {
    m_type = value;
  } else if (field == "data") {
    add_data(value);
  } else if (field == "error") {  // of older llama.cpp servers
    m_type = field;
    add_data(value);
  }
  // A comment has an empty field name. `id` and `retry` serve reconnection, which a POST has not.
}

/// What there is of the event, the same however the bytes were cut.
std::size_t SseFraming::held() const {
  const std::size_t whole = m_whole.data() != nullptr ? m_whole.size() + 1 : 0;
  return m_line.size() + m_data.size() + whole;
}

/// Nearly every event has one line of data, which need not be copied if the event ends with the
/// bytes that hold it.
void SseFraming::add_data(std::string_view line) {
  keep_data();
  m_ends_event = false;
  if (m_has_data) {
    m_data.append(line).push_back('\n');
  } else {
    m_whole = line;
    m_has_data = true;
  }
}

/// Copies the line that m_whole views, before its bytes are gone.
void SseFraming::keep_data() {
  if (m_whole.data() != nullptr) {
    m_data.append(m_whole).push_back('\n');
    m_whole = {};
  }
}

void SseFraming::dispatch(const FrameFunction& emit) {
  if (m_has_data) {
    const bool is_whole = m_whole.data() != nullptr;
    emit(Frame{m_type, is_whole ? m_whole : std::string_view(m_data).substr(0, m_data.size() - 1)});
  }
  m_ends_event = m_has_data;
  m_data.clear();
  m_whole = {};
  m_has_data = false;
  m_type.clear();
  m_open_brackets = 0;
}

}  // namespace inferometer::protocol
