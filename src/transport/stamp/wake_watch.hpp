#pragma once

#include "base/clock.hpp"
#include "base/descriptor.hpp"

#include <optional>

namespace inferometer::transport {

/// Tells how late the event loop may have been for what a wait reported: since which moment nothing
/// can have waited for it. Built on three facts: a descriptor that a complete wait does not report
/// had nothing when that wait began; a thread that slept in a wait had nothing to do until it was
/// woken; and the kernel accounts the time between a thread's waking and its running (the run delay
/// in /proc/thread-self/schedstat). For the loop's thread only, which must construct it, too.
class WakeWatch {
 public:
  WakeWatch();

  /// What a wait was.
  struct Wait {
    bool slept;     ///< nothing was ready as it began: where much is, reporting it takes as long
    bool complete;  ///< it reported all descriptors that were ready
  };

  /// A wait begins.
  void begin(base::MonotonicTime now);
  /// It has ended.
  void end(base::MonotonicTime now, Wait wait);

  /// Nothing that the last wait reported, and that the one before did not, happened before this.
  /// `stamp`: when some of it did happen, if that is known; a thread that was stopped by a signal
  /// as it woke shows only by that.
  [[nodiscard]] base::MonotonicTime earliest(
      std::optional<base::MonotonicTime> stamp = std::nullopt) const {
    return stamp && *stamp < m_earliest ? m_quiet : m_earliest;
  }

 private:
  [[nodiscard]] std::optional<base::Duration> read_run_delay() const;
  [[nodiscard]] std::optional<base::MonotonicTime> woken_at(base::MonotonicTime now);

  base::Descriptor m_schedstat;
  base::MonotonicTime m_begin{};
  base::MonotonicTime m_all_quiet{};  // when the last complete wait began
  base::MonotonicTime m_quiet{};      // the same as of the wait before
  base::MonotonicTime m_earliest{};
  base::Duration m_run_delay{};          // at the last reading …
  base::MonotonicTime m_run_delay_at{};  // … which was then
};

/// Processor time of the calling thread.
[[nodiscard]] base::Duration thread_cpu_time();

}  // namespace inferometer::transport
