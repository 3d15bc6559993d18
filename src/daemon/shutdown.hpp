#pragma once

#include "base/clock.hpp"
#include "daemon/daemon.hpp"
#include "daemon/signals.hpp"

namespace inferometer::daemon {

/// What the end takes at most after the grace period. Together with the default of that it fits
/// into the 30 s that Kubernetes gives before it kills.
inline constexpr base::Duration k_longest_stop = std::chrono::seconds(8);

/// Drains `daemon` and stops it: attempts in flight get `grace_period` to end, scrapes are served
/// until then. A second SIGTERM or SIGINT ends the process without waiting for anything but the
/// log, for a second at most; so does a stop that takes longer than k_longest_stop, with exit
/// status 1.
void shut_down(Daemon& daemon, const Signals& signals, base::Duration grace_period);

}  // namespace inferometer::daemon
