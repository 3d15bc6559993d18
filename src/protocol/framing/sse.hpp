#pragma once

#include "protocol/framing/frame.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace inferometer::protocol {

/// Parses server-sent events from bytes cut anywhere; line ends may be LF, CRLF or CR, mixed.
/// Source: WHATWG HTML, "Parsing an event stream". Three additions for what LLM servers and proxies
/// do: raw JSON between the events, which begins a line with `{` or `[` and may go over many until
/// its brackets close, is an event; so is a line `error: data`, of the type `error`; and an
/// unfinished last event is still given.
/// A frame's type is empty unless an `event:` line named it.
class SseFraming {
 public:
  /// An event longer than `max_event_bytes` is refused; it bounds the parser's memory.
  explicit SseFraming(std::size_t max_event_bytes = k_max_event_bytes)
      : m_max_event_bytes(max_event_bytes) {}

  /// False once an event was too long; nothing is taken any more then.
  [[nodiscard]] bool feed(std::string_view bytes, const FrameFunction& emit);

  /// The stream has ended.
  [[nodiscard]] bool finish(const FrameFunction& emit);

  /// Whether the last byte fed, if any, ended an event: it belongs to none that is unfinished, to
  /// no comment and to no empty line more.
  [[nodiscard]] bool at_boundary() const { return m_line.empty() && m_ends_event; }

  /// Why feed() was false.
  [[nodiscard]] static std::string_view problem() { return "an event of more than 4 MiB"; }

 private:
  void take_line(std::string_view line, const FrameFunction& emit);
  bool take_raw_json(std::string_view line, const FrameFunction& emit);
  void take_field(std::string_view line);
  void add_data(std::string_view line);
  void keep_data();
  [[nodiscard]] std::size_t held() const;
  void dispatch(const FrameFunction& emit);

  std::size_t m_max_event_bytes;
  std::string m_line;  // the beginning of a line whose end has not come yet
  std::string m_type;
  std::string m_data;        // each data line with a \n behind it
  std::string_view m_whole;  // the only data line so far, where it lies in the bytes being fed
  bool m_has_data = false;
  std::int64_t m_open_brackets = 0;  // of raw JSON
  bool m_first_line = true;
  bool m_skip_lf = false;    // the last byte was CR: a LF now belongs to it
  bool m_ends_event = true;  // the last line did
  bool m_too_long = false;
};

}  // namespace inferometer::protocol
