#pragma once

#include <chrono>

namespace inferometer::base {

/// A span of time. All arithmetic is in integral nanoseconds; `seconds()` is for output only.
using Duration = std::chrono::nanoseconds;

/// An instant on the monotonic clock (CLOCK_MONOTONIC): comparable within one boot of one host.
using MonotonicTime = std::chrono::time_point<std::chrono::steady_clock, Duration>;

/// An instant of wall time: for logs and Prometheus timestamps, never for arithmetic.
using WallTime = std::chrono::time_point<std::chrono::system_clock, Duration>;

/// The source of time, a seam: tests advance a fake instead of sleeping. Thread-safe.
class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;

  [[nodiscard]] virtual MonotonicTime now() const = 0;
  [[nodiscard]] virtual WallTime wall_now() const = 0;
};

/// The machine's own clocks; valid until the process ends.
[[nodiscard]] const Clock& system_clock();

/// `duration` in seconds, Prometheus' base unit.
[[nodiscard]] constexpr double seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

/// Seconds since the Unix epoch, as Prometheus writes timestamps.
[[nodiscard]] constexpr double unix_seconds(WallTime time) {
  return seconds(time.time_since_epoch());
}
[[nodiscard]] constexpr double unix_seconds(std::chrono::sys_seconds time) {
  return static_cast<double>(time.time_since_epoch().count());
}

}  // namespace inferometer::base
