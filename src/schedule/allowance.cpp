#include "schedule/allowance.hpp"

#include <algorithm>

namespace inferometer::schedule {

using base::LockGuard;

std::string_view to_string(SkipReason reason) {
  switch (reason) {
    case SkipReason::overlap:
      return "overlap";
    case SkipReason::late:
      return "late";
    case SkipReason::rate_limited:
      return "rate_limited";
    case SkipReason::held:
      return "held";
  }
  return "";
}

void RateLimit::set(std::optional<std::uint32_t> requests_per_minute) {
  const LockGuard lock(m_mutex);
  m_requests_per_minute = requests_per_minute;
  if (!m_requests_per_minute) {
    m_taken.clear();
  }
}

bool RateLimit::take(base::MonotonicTime now) {
  const LockGuard lock(m_mutex);
  if (!m_requests_per_minute) {
    return true;
  }
  while (!m_taken.empty() && m_taken.front() + std::chrono::minutes(1) <= now) {
    m_taken.pop_front();
  }
  if (m_taken.size() >= *m_requests_per_minute) {
    return false;
  }
  m_taken.push_back(now);
  return true;
}

std::optional<SkipReason> Allowance::take(base::MonotonicTime now) {
  {
    const LockGuard lock(m_mutex);
    if (m_hold && now < m_hold->until) {
      return SkipReason::held;
    }
  }
  return m_rate_limit->take(now) ? std::nullopt : std::optional(SkipReason::rate_limited);
}

void Allowance::hold(base::Duration asked, const base::Clock& clock) {
  const base::Duration span = std::min(asked, m_max_hold);
  const Hold hold{.until = clock.now() + span, .wall_until = clock.wall_now() + span};
  const LockGuard lock(m_mutex);
  if (!m_hold || m_hold->until < hold.until) {
    m_hold = hold;
  }
}

std::optional<base::WallTime> Allowance::held_until() const {
  const LockGuard lock(m_mutex);
  return m_hold ? std::optional(m_hold->wall_until) : std::nullopt;
}

}  // namespace inferometer::schedule
