#pragma once

#include "base/clock.hpp"
#include "config/config.hpp"
#include "measure/measurement.hpp"

#include <optional>

namespace inferometer::probe {

/// After which delay a finished attempt is to be repeated; no value: not at all. Repeated are, up
/// to `max_retries` times, refusals for the moment (429, overload, 5xx) and connections that
/// failed, and only where no text had come: what was answered in part is a result. The delay is the
/// one that the provider names, and there is no retry where that is longer than `max_delay`; where
/// it names none it is `draw` (in [0, 1)) × min(max_delay, base_delay × 2^(attempt − 1)):
/// exponential backoff with full jitter (Brooker, "Exponential Backoff and Jitter", 2015).
[[nodiscard]] std::optional<base::Duration> retry_delay(const measure::Measurement& measurement,
                                                        const config::Retries& retries,
                                                        double draw);

}  // namespace inferometer::probe
