#pragma once

#include "base/clock.hpp"

#include <cstdint>

namespace inferometer::http {

/// Lets something happen once an interval on average, and up to `burst` times at once. Full at
/// first. Not thread-safe.
class TokenBucket {
 public:
  /// REQUIRES: interval > 0. With a burst of 0 nothing is ever let through.
  TokenBucket(base::Duration interval, std::uint32_t burst)
      : m_interval(base::seconds(interval)), m_burst(burst), m_tokens(burst) {}

  /// Whether there is a token, which is then taken.
  [[nodiscard]] bool take(base::MonotonicTime now);

  /// How long it takes until there is one; for ever counts as one interval.
  [[nodiscard]] base::Duration wait(base::MonotonicTime now);

 private:
  void fill(base::MonotonicTime now);

  double m_interval;  // in seconds
  double m_burst;
  double m_tokens;
  base::MonotonicTime m_filled = base::MonotonicTime::min();
};

}  // namespace inferometer::http
