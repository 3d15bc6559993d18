#pragma once

#include "base/clock.hpp"
#include "base/thread/mutex.hpp"

#include <chrono>

namespace inferometer::base {

/// Tells a thread that does something now and then to end, also while it waits. Thread-safe.
class StopSignal {
 public:
  /// Idempotent.
  void stop() EXCLUDES(m_mutex) {
    const LockGuard lock(m_mutex);
    m_stopped = true;
    m_changed.notify_all();
  }

  /// Waits until `due`; false, at once, if it is to end.
  [[nodiscard]] bool wait_until(MonotonicTime due) EXCLUDES(m_mutex) {
    const LockGuard lock(m_mutex);
    while (!m_stopped && std::chrono::steady_clock::now() < due) {
      m_changed.wait_until(m_mutex, due);
    }
    return !m_stopped;
  }

 private:
  Mutex m_mutex;
  CondVar m_changed;
  bool m_stopped GUARDED_BY(m_mutex) = false;
};

/// Lowers the priority of the calling thread below that of the process' others, until the thread
/// ends (Linux: nice values are those of threads).
void lower_thread_priority();

}  // namespace inferometer::base
