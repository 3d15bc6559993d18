#include "web/probe_rate.hpp"

#include <chrono>

namespace inferometer::web {

std::optional<base::Duration> ProbeRate::take(std::uint32_t per_minute, base::MonotonicTime now) {
  const base::LockGuard lock(m_mutex);
  if (!m_bucket || per_minute != m_per_minute) {
    m_per_minute = per_minute;
    m_bucket.emplace(base::Duration(std::chrono::minutes(1)) / per_minute, per_minute);
  }
  return m_bucket->take(now) ? std::nullopt : std::optional(m_bucket->wait(now));
}

}  // namespace inferometer::web
