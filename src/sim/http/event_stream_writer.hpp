#pragma once

#include "sim/model/behaviour.hpp"
#include "sim/model/renderer.hpp"

#include <string>
#include <string_view>

namespace inferometer::sim {

/// Frames the JSON events of an answer as messages of AWS' event stream: wire-protocols §8.5.
/// Not thread-safe.
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
