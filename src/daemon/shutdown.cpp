#include "daemon/shutdown.hpp"

#include "base/duration.hpp"
#include "base/log.hpp"

#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <stop_token>
#include <thread>

namespace inferometer::daemon {
namespace {

/// How often it is looked whether the drain is done, or a signal has come.
constexpr base::Duration k_poll = std::chrono::milliseconds(20);

constexpr int k_signal_status_base = 128;  // what shells give a process that a signal ended

[[noreturn]] void end_process(int status) {
  // A log that is not read cannot be flushed, and there is no other place to report that.
  static_cast<void>(base::log::flush());
  _exit(status);
}

/// Ends the process at the next SIGTERM or SIGINT, and at `latest`, whatever its other threads
/// hang in.
void watch(const std::stop_token& stopped, const Signals& signals, base::MonotonicTime latest) {
  while (!stopped.stop_requested()) {
    const auto signal = signals.wait(k_poll);
    if (signal && *signal != SIGHUP) {
      base::log::warn("ended at once by a second signal");
      end_process(k_signal_status_base + *signal);
    }
    if (base::system_clock().now() >= latest) {
      base::log::error("could not stop in time: ended at once");
      end_process(EXIT_FAILURE);
    }
  }
}

}  // namespace

void shut_down(Daemon& daemon, const Signals& signals, base::Duration grace_period) {
  base::log::info("draining: a second signal ends at once",
                  {{"grace_period", base::format_duration(grace_period)}});
  const base::MonotonicTime until = base::system_clock().now() + grace_period;
  const std::jthread watcher([&signals, until](const std::stop_token& stopped) {
    watch(stopped, signals, until + k_longest_stop);
  });
  daemon.drain();
  while (!daemon.drained() && base::system_clock().now() < until) {
    std::this_thread::sleep_for(k_poll);
  }
  if (!daemon.drained()) {
    base::log::warn("grace period over: open attempts are cut and not counted");
  }
  daemon.stop();
  base::log::info("stopped");
}

}  // namespace inferometer::daemon
