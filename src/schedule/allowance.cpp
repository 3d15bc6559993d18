#include "schedule/allowance.hpp"

#include <algorithm>

namespace inferometer::schedule {

bool Allowance::take(base::MonotonicTime now) {
  const base::LockGuard lock(m_mutex);
  if (m_held_until && now < *m_held_until) {
    return false;
  }
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

void Allowance::hold_until(base::MonotonicTime until) {
  const base::LockGuard lock(m_mutex);
  m_held_until = std::max(m_held_until.value_or(until), until);
}

std::optional<base::MonotonicTime> Allowance::held_until() const {
  const base::LockGuard lock(m_mutex);
  return m_held_until;
}

}  // namespace inferometer::schedule
