#include "base/descriptor_limit.hpp"
#include "base/log.hpp"
#include "cli/commands.hpp"
#include "cli/exit_status.hpp"
#include "daemon/daemon.hpp"
#include "daemon/load_options.hpp"
#include "daemon/shutdown.hpp"
#include "daemon/signals.hpp"

#include <csignal>
#include <cstdio>

namespace inferometer::cli {
namespace {

int check_configuration(const DaemonOptions& options) {
  const auto loaded = config::load_file(options.config_file, daemon::load_options());
  if (!loaded) {
    std::fputs(config::render(options.config_file, loaded.error()).c_str(), stderr);
    return k_exit_usage;
  }
  std::printf("%s is valid: %zu probes\n", options.config_file.c_str(), loaded->targets.size());
  return k_exit_ok;
}

}  // namespace

int run_daemon(const DaemonOptions& options) {
  if (options.check_only) {
    return check_configuration(options);
  }
  base::log::configure(options.log.level, options.log.format);
  const daemon::Signals signals;
  base::raise_descriptor_limit();
  config::Reloader reloader(options.config_file, [file = options.config_file] {
    return config::load_file(file, daemon::load_options());
  });
  if (const auto loaded = reloader.reload(); !loaded) {
    std::fputs(loaded.error().message.c_str(), stderr);
    return k_exit_usage;
  }
  const auto daemon = daemon::Daemon::start(reloader, options.listen);
  if (!daemon) {
    base::log::error("cannot start", {{"error", daemon.error().message}});
    return k_exit_failure;
  }
  for (const std::string& address : (*daemon)->addresses()) {
    base::log::info("serving", {{"address", address}, {"version", INFEROMETER_VERSION}});
  }
  while (true) {
    const int signal = signals.wait();
    if (signal != SIGHUP) {
      daemon::shut_down(**daemon, signals, options.grace_period);
      return k_exit_ok;
    }
    (*daemon)->reload_soon();
  }
}

}  // namespace inferometer::cli
