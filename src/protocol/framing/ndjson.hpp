#pragma once

#include "protocol/framing/frame.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace inferometer::protocol {

/// Newline-delimited JSON, cut anywhere: each line is a frame without a type. A CR before the LF is
/// no part of the line, empty lines are no frames, and an unfinished last line is still given.
class NdjsonFraming {
 public:
  /// A line longer than `max_line_bytes` is refused; it bounds the parser's memory.
  explicit NdjsonFraming(std::size_t max_line_bytes = k_max_event_bytes)
      : m_max_line_bytes(max_line_bytes) {}

  /// False once a line was too long; nothing is taken any more then.
  [[nodiscard]] bool feed(std::string_view bytes, const FrameFunction& emit);

  /// The stream has ended.
  [[nodiscard]] bool finish(const FrameFunction& emit);

  /// Whether the last byte fed, if any, ended a line that was a frame.
  [[nodiscard]] bool at_boundary() const { return m_line.empty() && m_ends_frame; }

  /// Why feed() was false.
  [[nodiscard]] static std::string_view problem() { return "a line of more than 4 MiB"; }

 private:
  void take_line(std::string_view line, const FrameFunction& emit);

  std::size_t m_max_line_bytes;
  std::string m_line;        // the beginning of a line whose end has not come yet
  bool m_ends_frame = true;  // the last line did
  bool m_too_long = false;
};

}  // namespace inferometer::protocol
