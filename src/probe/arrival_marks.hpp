#pragma once

#include "measure/measurement.hpp"
#include "protocol/protocol.hpp"

#include <cstdint>
#include <optional>

namespace inferometer::probe {

/// Puts what the arrivals of one response tell into its measurement: the marks with their slacks,
/// the content arrivals and the counts of text. Bytes of one arrival, which have the same `at`, may
/// come in several pieces. Which of them were the last is known only when the next arrival begins
/// or the exchange ends: the slacks are settled then. Not thread-safe.
class ArrivalMarks {
 public:
  /// `measurement` outlives the marks.
  explicit ArrivalMarks(measure::Measurement& measurement) : m_measurement(measurement) {}

  /// The whole head of the response has come.
  void take_head(const measure::Arrival& arrival);

  /// Bytes of the body have come; the events that they complete are taken next …
  void begin_bytes(const measure::Arrival& arrival);
  void take_event(const protocol::Event& event);
  /// … and then this: `at_boundary` if the last of them ended an event.
  void end_bytes(bool at_boundary);
  /// Bytes that are none of the body have come: behind the last of these, if with their arrival.
  void take_rest(const measure::Arrival& arrival);

  /// The exchange has ended: no more bytes will come.
  void settle();

  /// When the last text came, reasoning or content.
  [[nodiscard]] std::optional<base::MonotonicTime> last_text() const { return m_last_text; }
  /// When the protocol's own end mark came.
  [[nodiscard]] std::optional<base::MonotonicTime> end_mark() const { return m_end_mark; }

 private:
  /// The number of a part of the open arrival: a head, an event, or bytes that are neither. Only
  /// the last part is known to have come when the arrival's last byte did.
  using Part = std::uint32_t;

  /// The parts to whose arrival a mark was set; 0: to none.
  struct Marked {
    Part head = 0;
    Part first_reasoning = 0;
    Part first_content = 0;
    Part last_content = 0;
    Part end_mark = 0;
    bool first_byte = false;
  };

  void open(const measure::Arrival& arrival);
  void take_text(const protocol::Event& event);
  void take_content(const protocol::Event& event);
  [[nodiscard]] base::Duration slack_of(Part part) const;

  measure::Measurement& m_measurement;
  std::optional<measure::Arrival> m_open;  // the arrival at hand
  Part m_parts = 0;                        // how many it has
  Part m_parts_before = 0;                 // those of earlier bytes
  Marked m_marked;
  std::optional<base::MonotonicTime> m_last_text;
  std::optional<base::MonotonicTime> m_end_mark;
};

}  // namespace inferometer::probe
