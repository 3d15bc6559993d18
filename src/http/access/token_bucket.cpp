#include "http/access/token_bucket.hpp"

#include <algorithm>
#include <chrono>

namespace inferometer::http {

void TokenBucket::fill(base::MonotonicTime now) {
  if (m_filled != base::MonotonicTime::min() && now > m_filled) {
    m_tokens = std::min(m_burst, m_tokens + base::seconds(now - m_filled) / m_interval);
  }
  m_filled = std::max(m_filled, now);
}

bool TokenBucket::take(base::MonotonicTime now) {
  fill(now);
  if (m_tokens < 1) {
    return false;
  }
  m_tokens -= 1;
  return true;
}

base::Duration TokenBucket::wait(base::MonotonicTime now) {
  fill(now);
  const double missing = std::clamp(1 - m_tokens, 0.0, 1.0);
  return std::chrono::duration_cast<base::Duration>(
      std::chrono::duration<double>(missing * m_interval));
}

}  // namespace inferometer::http
