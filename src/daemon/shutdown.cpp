#include "daemon/shutdown.hpp"

#include "base/duration.hpp"
#include "base/log.hpp"

#include <unistd.h>

#include <csignal>

namespace inferometer::daemon {
namespace {

/// How often the drain looks whether it is done; a signal is seen at once.
constexpr base::Duration k_poll = std::chrono::milliseconds(20);

constexpr int k_signal_status_base = 128;  // what shells give a process that a signal ended

}  // namespace

void shut_down(Daemon& daemon, const Signals& signals, base::Duration grace_period) {
  base::log::info("draining: a second signal ends at once",
                  {{"grace_period", base::format_duration(grace_period)}});
  daemon.drain();
  const base::MonotonicTime until = base::system_clock().now() + grace_period;
  while (!daemon.drained() && base::system_clock().now() < until) {
    const auto signal = signals.wait(k_poll);
    if (signal && *signal != SIGHUP) {
      base::log::warn("ended at once by a second signal");
      [[maybe_unused]] const bool written = base::log::flush();
      _exit(k_signal_status_base + *signal);
    }
  }
  if (!daemon.drained()) {
    base::log::warn("grace period over: open attempts are cut and not counted");
  }
  daemon.stop();
  base::log::info("stopped");
}

}  // namespace inferometer::daemon
