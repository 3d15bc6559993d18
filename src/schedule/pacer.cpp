#include "schedule/pacer.hpp"

#include "base/hash.hpp"

namespace inferometer::schedule {
namespace {

/// How many whole intervals lie between the phase and `time`, rounded towards the past: before the
/// clock's epoch, C++ division alone would round towards the future.
std::int64_t ticks_until(MonotonicTime time, Duration phase, Duration interval) {
  const Duration since_phase = time.time_since_epoch() - phase;
  const std::int64_t quotient = since_phase / interval;
  return since_phase % interval < Duration::zero() ? quotient - 1 : quotient;
}

}  // namespace

Duration phase_of(std::string_view identity, Duration interval) {
  return Duration(base::fnv1a(identity) % static_cast<std::uint64_t>(interval.count()));
}

MonotonicTime next_tick(MonotonicTime now, Duration phase, Duration interval) {
  return MonotonicTime(phase + (ticks_until(now, phase, interval) + 1) * interval);
}

MonotonicTime first_tick(std::string_view identity, MonotonicTime now, Duration interval,
                         Duration within) {
  const MonotonicTime own = next_tick(now, phase_of(identity, interval), interval);
  return own - now <= within ? own : now + Duration(1) + phase_of(identity, within);
}

std::uint64_t ticks_between(MonotonicTime from, MonotonicTime to, Duration phase,
                            Duration interval) {
  if (to <= from) {
    return 0;
  }
  return static_cast<std::uint64_t>(ticks_until(to, phase, interval) -
                                    ticks_until(from, phase, interval));
}

}  // namespace inferometer::schedule
