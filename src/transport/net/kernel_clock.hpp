#pragma once

#include "base/clock.hpp"
#include "base/descriptor.hpp"

#include <ctime>
#include <optional>

namespace inferometer::transport::net {

/// Turns the kernel's stamps, which are wall time, into monotonic time. Both clocks run at the same
/// rate, whatever NTP does, so their difference is constant but where the wall clock is set: then
/// the stamps of that moment have no value. Not thread-safe.
///
/// The kernel stamps what comes in only while some socket of the machine asks for it, and begins to
/// a little later. So the clock holds a socket that does, and waits, for 20 ms at most, until it
/// sees a stamp.
class KernelClock {
 public:
  /// `enabled` false: no stamp has a value.
  explicit KernelClock(bool enabled = true);

  /// The monotonic time of a stamp that was taken a short while ago; none if the wall clock has
  /// been set since the last call.
  [[nodiscard]] std::optional<base::MonotonicTime> to_monotonic(const timespec& stamp);

 private:
  /// Reads both clocks; whether their difference is still the one that is known.
  bool pair();

  const bool m_enabled;
  base::Duration m_offset{};        // wall − monotonic
  base::Descriptor m_stamp_socket;  // the socket that asks for stamps
};

}  // namespace inferometer::transport::net
