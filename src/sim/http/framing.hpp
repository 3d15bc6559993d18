#pragma once

#include "sim/model/behaviour.hpp"
#include "sim/model/renderer.hpp"

#include <string>
#include <string_view>

/// How the events of a stream are framed.
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

/// Frames the JSON events of an answer as messages of AWS' event stream
/// (wire/aws_event_stream.hpp). Not thread-safe.
class EventStreamWriter {
 public:
  explicit EventStreamWriter(const Behaviour& behaviour)
      : m_stamp(behaviour.stamp), m_spaces(behaviour.fault == Fault::trailing_spaces) {}

  /// Appends an event. `members` are those of its payload, without the braces; the padding that
  /// Bedrock adds comes after them.
  void event(Frames& out, std::string_view type, std::string_view members);

  /// The same for an event that carries text, and so the time when it is sent where that is asked
  /// for.
  void text_event(Frames& out, std::string_view type, std::string_view members);

  /// An event with a payload that need not be JSON.
  static void raw_event(Frames& out, std::string_view type, std::string_view payload);

  static void exception(Frames& out, std::string_view type, std::string_view payload);

  /// An event whose checksum is wrong.
  void corrupt_event(Frames& out, std::string_view type, std::string_view members);

  /// The beginning of an event of 16 MiB, the first bytes of its payload included.
  static void unfinished(Frames& out, std::string_view type, std::string_view payload);

 private:
  void append_members(std::string& payload, std::string_view members);

  bool m_stamp;
  bool m_spaces;  ///< at the end of each payload
  std::size_t m_events = 0;
  Frames m_payload;  ///< kept for its memory
};

}  // namespace inferometer::sim
