#pragma once

#include "sim/model/behaviour.hpp"

#include <string>
#include <string_view>

namespace inferometer::sim {

/// Frames server-sent events with the line endings and trailing spaces that a request asks for.
class SseWriter {
 public:
  /// `native` is the line ending of the API itself.
  explicit SseWriter(const Behaviour& behaviour, LineEnding native = LineEnding::lf);

  /// Begins an event, up to its payload; without an `event:` line if `type` is empty.
  void begin(std::string& out, std::string_view type = {}) const;

  /// Ends the event that was begun.
  void end(std::string& out) const { out.append(m_event_end); }

  /// A whole event.
  void event(std::string& out, std::string_view type, std::string_view payload) const;

  /// A line with nothing in it, which is no event.
  void blank(std::string& out) const { out.append(m_line_end); }

  /// Lines of text that are no event.
  void lines(std::string& out, std::string_view text) const;

  /// A comment of that text.
  void comment(std::string& out, std::string_view text) const;

 private:
  std::string_view m_line_end;
  std::string m_event_end;
};

}  // namespace inferometer::sim
