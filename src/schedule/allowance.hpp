#pragma once

#include "base/clock.hpp"
#include "base/mutex.hpp"

#include <cstdint>
#include <deque>
#include <optional>

namespace inferometer::schedule {

/// How much may be asked of one provider now: at most so many requests in any minute, and none
/// while it wants to be left alone. Shared by all jobs of the provider. Thread-safe.
class Allowance {
 public:
  /// No value: any number. REQUIRES: a value > 0.
  explicit Allowance(std::optional<std::uint32_t> requests_per_minute)
      : m_requests_per_minute(requests_per_minute) {}

  /// True if a request may begin at `now`, which is then counted.
  [[nodiscard]] bool take(base::MonotonicTime now) EXCLUDES(m_mutex);

  /// Allows nothing before `until`; a longer hold stays.
  void hold_until(base::MonotonicTime until) EXCLUDES(m_mutex);

  /// When the hold ends, which may be in the past; no value if there never was one.
  [[nodiscard]] std::optional<base::MonotonicTime> held_until() const EXCLUDES(m_mutex);

 private:
  const std::optional<std::uint32_t> m_requests_per_minute;
  mutable base::Mutex m_mutex;
  std::optional<base::MonotonicTime> m_held_until GUARDED_BY(m_mutex);
  std::deque<base::MonotonicTime> m_taken GUARDED_BY(m_mutex);  ///< within the last minute
};

}  // namespace inferometer::schedule
