#pragma once

#include "base/clock.hpp"

#include <cstdint>
#include <string_view>

/// When a probe is due: pure arithmetic on absolute deadlines, so that nothing drifts.
namespace inferometer::schedule {

using base::Duration;
using base::MonotonicTime;

/// The probe's fixed place within its interval, in [0, interval): a hash of its identity, so probes
/// spread over the interval and restarts and reloads keep the spread. REQUIRES: interval > 0.
[[nodiscard]] Duration phase_of(std::string_view identity, Duration interval);

/// The first tick strictly after `now`: the least phase + k · interval, counted from the monotonic
/// clock's own epoch. REQUIRES: interval > 0, 0 <= phase < interval.
[[nodiscard]] MonotonicTime next_tick(MonotonicTime now, Duration phase, Duration interval);

/// The first tick of a probe that is new at `now`: its own if that comes within `within`, else one
/// more at a place within that span that the identity decides, so that new probes spread over it.
/// REQUIRES: interval > 0, within > 0.
[[nodiscard]] MonotonicTime first_tick(std::string_view identity, MonotonicTime now,
                                       Duration interval, Duration within);

/// How many ticks lie in (from, to]; 0 where to <= from. REQUIRES as above.
[[nodiscard]] std::uint64_t ticks_between(MonotonicTime from, MonotonicTime to, Duration phase,
                                          Duration interval);

}  // namespace inferometer::schedule
