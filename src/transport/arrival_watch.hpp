#pragma once

#include "base/clock.hpp"
#include "measure/measurement.hpp"

#include <cstddef>
#include <optional>

namespace inferometer::transport {

/// Tells when what the reads of one connection brought had arrived, and what our own delay leaves
/// open about it. Knows no sockets and no clock. For the loop's thread only.
class ArrivalWatch {
 public:
  /// Nothing waits on the connection, which is about to be read from.
  void begin(base::MonotonicTime now);

  struct Read {
    base::MonotonicTime before{};              ///< the clock before the call …
    base::MonotonicTime after{};               ///< … and after it
    std::size_t bytes = 0;                     ///< what it brought
    bool emptied = false;                      ///< fewer than it could: nothing was left
    std::optional<base::MonotonicTime> stamp;  ///< the kernel's, of the newest segment
    /// Some of it had waited for a segment that came after that one: TCP hands over in order.
    bool waited_for_gap = false;
    /// Nothing came before this since the connection was last empty (WakeWatch::earliest).
    base::MonotonicTime earliest{};
  };
  measure::Arrival note(const Read& read);
  /// A read at that time found nothing.
  void note_empty(base::MonotonicTime now);
  /// The turn ends, though there may be more to read than it took.
  void leave_waiting() { m_since = m_since.value_or(m_drained); }

 private:
  void end_backlog(base::MonotonicTime drained, base::MonotonicTime now);

  base::MonotonicTime m_drained{};  // nothing waited on the connection then
  base::MonotonicTime m_last{};     // arrival
  bool m_all_read = true;           // nothing was left by the last read

  // What waits, or waited, since the connection was last empty; none: nothing does.
  std::optional<base::MonotonicTime> m_since;
  std::size_t m_backlog = 0;  // bytes of it that were read

  // By how much the sender may have been held back, and what comes be late, until then.
  base::Duration m_held_for{};
  base::MonotonicTime m_held_until{};
};

}  // namespace inferometer::transport
