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

Rate share_of(std::uint32_t requests_per_minute, double share) {
  const double requests = requests_per_minute * share;
  // A sum of shares that is 1 but for rounding must not lose a request.
  constexpr double k_rounding = 1e-9;
  if (requests + k_rounding >= 1) {
    return {.requests = static_cast<std::uint32_t>(requests + k_rounding)};
  }
  return {
      .requests = 1,
      .period = std::chrono::ceil<base::Duration>(std::chrono::duration<double>(60 / requests))};
}

void RateLimit::set(std::optional<Rate> rate) {
  const LockGuard lock(m_mutex);
  m_rate = rate;
  if (!m_rate) {
    m_taken.clear();
  }
}

bool RateLimit::take(base::MonotonicTime now) {
  const LockGuard lock(m_mutex);
  if (!m_rate) {
    return true;
  }
  while (!m_taken.empty() && m_taken.front() + m_rate->period <= now) {
    m_taken.pop_front();
  }
  if (m_taken.size() >= m_rate->requests) {
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
