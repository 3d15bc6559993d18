#pragma once

#include "base/clock.hpp"

#include <atomic>

namespace inferometer::fakes {

/// A clock that stands still until a test moves it. Wall time moves with it, from a fixed day on.
/// Thread-safe.
class FakeClock final : public base::Clock {
 public:
  explicit FakeClock(base::Duration since_epoch = std::chrono::hours(1))
      : m_since_epoch(since_epoch.count()) {}

  [[nodiscard]] base::MonotonicTime now() const override {
    return base::MonotonicTime(base::Duration(m_since_epoch.load()));
  }
  [[nodiscard]] base::WallTime wall_now() const override {
    return k_wall_start + base::Duration(m_since_epoch.load());
  }

  void advance(base::Duration step) { m_since_epoch += step.count(); }
  void set(base::MonotonicTime time) { m_since_epoch = time.time_since_epoch().count(); }

 private:
  static constexpr base::WallTime k_wall_start{std::chrono::seconds(1'700'000'000)};

  std::atomic<base::Duration::rep> m_since_epoch;
};

}  // namespace inferometer::fakes
