#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/thread/mutex.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>

namespace inferometer::web {

/// Lets callers reload one at a time. A caller that comes while a reload runs waits for the next
/// one, which serves all that wait: it reads the file after each of them came. Thread-safe.
class ReloadQueue {
 public:
  using Reload = std::function<base::Result<void>()>;

  static constexpr std::size_t k_max_callers = 8;   ///< that reload or wait at once
  static constexpr std::size_t k_max_reloads = 10;  ///< that begin within k_window
  static constexpr base::Duration k_window = std::chrono::seconds(10);

  struct Answer {
    base::Result<void> reloaded;
    std::optional<base::Duration> retry_after;  ///< nothing was reloaded: when to come again
  };

  /// `clock` must outlive the queue.
  ReloadQueue(Reload reload, const base::Clock& clock);

  /// Reloads, or waits for the reload of another caller, or refuses beyond the limits above. An
  /// exception of the reload is an error without details; these are in the log.
  [[nodiscard]] Answer run() EXCLUDES(m_mutex);

  /// How many callers are in run() now.
  [[nodiscard]] std::size_t callers() EXCLUDES(m_mutex) {
    const base::LockGuard lock(m_mutex);
    return m_callers;
  }

 private:
  [[nodiscard]] std::optional<base::Duration> full_for() REQUIRES(m_mutex);

  const Reload m_reload;
  const base::Clock& m_clock;

  base::Mutex m_mutex;
  base::CondVar m_ended;
  std::size_t m_callers GUARDED_BY(m_mutex) = 0;
  bool m_running GUARDED_BY(m_mutex) = false;
  std::uint64_t m_done GUARDED_BY(m_mutex) = 0;
  base::Result<void> m_result GUARDED_BY(m_mutex);              // of the latest that is done
  std::deque<base::MonotonicTime> m_begun GUARDED_BY(m_mutex);  // within the window
};

}  // namespace inferometer::web
