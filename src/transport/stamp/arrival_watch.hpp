#pragma once

#include "base/clock.hpp"
#include "measure/measurement.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace inferometer::transport {

/// Tells when what the reads of one connection brought had arrived, and what our own delay leaves
/// open about it. Uses no sockets and no clock. For the loop's thread only.
class ArrivalWatch {
 public:
  /// Nothing waits on the connection, which is about to be read from; so many segments have come
  /// out of order on it.
  void begin(base::MonotonicTime now, std::uint32_t out_of_order);

  struct Read {
    base::MonotonicTime before{};              ///< the clock before the call …
    base::MonotonicTime after{};               ///< … and after it
    std::size_t bytes = 0;                     ///< what it brought
    bool emptied = false;                      ///< fewer than it could: nothing was left
    std::optional<base::MonotonicTime> stamp;  ///< the kernel's, of the newest segment
    /// How many segments have come out of order by now. None: not asked, as the stamp is about as
    /// young as the read.
    std::optional<std::uint32_t> out_of_order;
    /// Nothing came before this since the connection was last empty (WakeWatch::earliest).
    base::MonotonicTime earliest{};
    /// The same where the stamp is of no help.
    base::MonotonicTime woken{};
  };
  measure::Arrival note(const Read& read);
  /// A read at that time found nothing.
  void note_empty(base::MonotonicTime now);
  /// The turn ends, though there may be more to read than it took.
  void leave_waiting() { m_since = m_since.value_or(m_drained); }

 private:
  [[nodiscard]] bool has_waited_for_gap(const Read& read);
  void end_backlog(base::MonotonicTime drained, base::MonotonicTime now);

  base::MonotonicTime m_drained{};  // nothing waited on the connection then
  base::MonotonicTime m_last{};     // arrival
  bool m_all_read = true;           // nothing was left by the last read
  base::MonotonicTime m_looked{};   // when the last read that left nothing was over

  // Of segments behind a gap.
  std::uint32_t m_out_of_order = 0;  // how many had come when that was asked last
  bool m_waited = false;             // some of what is being read

  // What waits, or waited, since the connection was last empty; none: nothing does.
  std::optional<base::MonotonicTime> m_since;
  std::size_t m_backlog = 0;  // bytes of it that were read

  // By how much the sender may have been held back, and what comes be late, until then.
  base::Duration m_held_for{};
  base::MonotonicTime m_held_until{};
};

}  // namespace inferometer::transport
