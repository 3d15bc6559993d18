#pragma once

#include "base/thread/mutex.hpp"

#include <functional>
#include <utility>

namespace inferometer::probe {

/// Lets the caller give up an attempt, whatever it is at: before its request is made, while it
/// waits for a token, or while the provider answers. Thread-safe.
class Cancellation {
 public:
  /// Gives the attempt up. Idempotent.
  void cancel() EXCLUDES(m_mutex) {
    std::function<void()> how;
    {
      const base::LockGuard lock(m_mutex);
      m_cancelled = true;
      how = std::exchange(m_how, nullptr);
    }
    if (how) {
      how();
    }
  }

  [[nodiscard]] bool cancelled() const EXCLUDES(m_mutex) {
    const base::LockGuard lock(m_mutex);
    return m_cancelled;
  }

  /// How the attempt is to be given up from now on; at once, if it already was. `how` is called at
  /// most once, on the thread that cancels, and must do nothing where the attempt has ended.
  void set(std::function<void()> how) EXCLUDES(m_mutex) {
    {
      const base::LockGuard lock(m_mutex);
      if (!m_cancelled) {
        m_how = std::move(how);
        return;
      }
    }
    how();
  }

 private:
  mutable base::Mutex m_mutex;
  bool m_cancelled GUARDED_BY(m_mutex) = false;
  std::function<void()> m_how GUARDED_BY(m_mutex);
};

}  // namespace inferometer::probe
