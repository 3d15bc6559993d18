#include "web/reload_queue.hpp"

#include "base/log.hpp"

#include <exception>
#include <string>
#include <utility>

namespace inferometer::web {
namespace {

base::Result<void> reload_without_exceptions(const ReloadQueue::Reload& reload) {
  std::string what;
  try {
    return reload();
  } catch (const std::exception& exception) {
    what = exception.what();
  } catch (...) {
    what = "not a std::exception";
  }
  base::log::error("reload failed", {{"error", what}});
  return base::fail("internal error: the daemon's log says more");
}

}  // namespace

ReloadQueue::ReloadQueue(Reload reload, const base::Clock& clock)
    : m_reload(std::move(reload)), m_clock(clock) {}

ReloadQueue::Answer ReloadQueue::run() {
  {
    const base::LockGuard lock(m_mutex);
    if (m_callers >= k_max_callers) {
      return {.reloaded = base::fail("many callers wait for a reload: try again later"),
              .retry_after = std::chrono::seconds(1)};
    }
    ++m_callers;
    // One that runs now may have read the file before this caller came.
    const std::uint64_t wanted = m_done + (m_running ? 2 : 1);
    while (m_running && m_done < wanted) {
      m_ended.wait(m_mutex);
    }
    const bool served = m_done >= wanted;
    const auto wait = served ? std::nullopt : full_for();
    if (served || wait) {
      --m_callers;
      return served ? Answer{.reloaded = m_result, .retry_after = std::nullopt}
                    : Answer{.reloaded = base::fail("too many reloads: try again later"),
                             .retry_after = wait};
    }
    m_running = true;
    m_begun.push_back(m_clock.now());
  }
  base::Result<void> result = reload_without_exceptions(m_reload);
  const base::LockGuard lock(m_mutex);
  --m_callers;
  ++m_done;
  m_running = false;
  m_result = result;
  m_ended.notify_all();
  return {.reloaded = std::move(result), .retry_after = std::nullopt};
}

/// For how long no further reload may begin, if for any time at all.
std::optional<base::Duration> ReloadQueue::full_for() {
  const base::MonotonicTime now = m_clock.now();
  while (!m_begun.empty() && m_begun.front() + k_window <= now) {
    m_begun.pop_front();
  }
  return m_begun.size() < k_max_reloads ? std::nullopt
                                        : std::optional(m_begun.front() + k_window - now);
}

}  // namespace inferometer::web
