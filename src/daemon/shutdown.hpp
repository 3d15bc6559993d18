#pragma once

#include "base/clock.hpp"
#include "daemon/daemon.hpp"
#include "daemon/signals.hpp"

namespace inferometer::daemon {

/// Drains `daemon` and stops it: attempts in flight get `grace_period` to end, scrapes are served
/// until then. A second SIGTERM or SIGINT ends the process at once.
void shut_down(Daemon& daemon, const Signals& signals, base::Duration grace_period);

}  // namespace inferometer::daemon
