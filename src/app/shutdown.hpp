#pragma once

#include "app/daemon.hpp"
#include "app/signals.hpp"
#include "base/clock.hpp"

namespace inferometer::app {

/// Drains `daemon` and stops it: attempts in flight get `grace_period` to end, scrapes are served
/// until then. A second SIGTERM or SIGINT ends the process at once. Returns the exit status.
[[nodiscard]] int shut_down(Daemon& daemon, const Signals& signals, base::Duration grace_period);

}  // namespace inferometer::app
