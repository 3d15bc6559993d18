#include "base/build_info.hpp"
#include "base/descriptor.hpp"
#include "base/log.hpp"
#include "cli/cli.hpp"
#include "cli/terminal/output.hpp"
#include "config/secrets.hpp"
#include "daemon/config_watch.hpp"
#include "daemon/daemon.hpp"
#include "daemon/service_manager.hpp"
#include "daemon/shutdown.hpp"
#include "daemon/signals.hpp"
#include "daemon/web_config.hpp"
#include "slo/rules.hpp"

#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <optional>
#include <utility>

namespace inferometer::cli {
namespace {

/// Whether the web configuration is good, if there is one; else its problems have been printed.
bool check_web_configuration(const DaemonOptions& options) {
  if (options.web_config_file.empty()) {
    return true;
  }
  const auto loaded = daemon::load_web_config(options.web_config_file).access;
  if (!loaded) {
    std::fputs(config::render(options.web_config_file, loaded.error()).c_str(), stderr);
  }
  return loaded.has_value();
}

/// What cannot be read is only a warning: a file is also checked where its secrets are not, as in
/// CI.
int check_configuration(const DaemonOptions& options) {
  const std::string name = config::shown_name(options.config_file);
  const auto loaded = config::load_first(options.config_file, daemon::load_options());
  const bool good_web = check_web_configuration(options);
  if (!loaded) {
    std::fputs(config::render(name, loaded.error()).c_str(), stderr);
  }
  if (!loaded || !good_web) {
    return k_exit_usage;
  }
  for (const config::MissingSecret& missing : config::missing_secrets(*loaded)) {
    const std::string place = missing.mark.line == 0
                                  ? std::string()
                                  : fmt::format(":{}:{}", missing.mark.line, missing.mark.column);
    fmt::print(stderr, "{}{}: warning: provider {}: {}: {}: {}\n", name, place,
               config::quote(missing.provider), missing.key, missing.reason, missing.hint);
  }
  print_alert_notes(name, *loaded);
  const std::size_t probes = loaded->targets.size();
  const bool printed =
      print(fmt::format("{} is valid: {} probe{}\n", name, probes, probes == 1 ? "" : "s"));
  return printed ? k_exit_ok : k_exit_failure;
}

/// Reads a file each time, but what is none, such as a pipe, at the start alone.
config::Reloader make_reloader(const std::string& file) {
  return {config::shown_name(file), [file, first = true]() mutable {
            return std::exchange(first, false) ? config::load_first(file, daemon::load_options())
                                               : config::load_file(file, daemon::load_options());
          }};
}

/// Waits for the signal that ends the daemon, and does meanwhile what others ask for: reloads, and
/// a word to the service manager as long as the daemon works.
void serve_until_ended(daemon::Daemon& daemon, const daemon::Signals& signals,
                       const daemon::ServiceManager& manager) {
  while (true) {
    const std::optional<base::Duration> interval = manager.watchdog_interval();
    const std::optional<int> signal = interval ? signals.wait(*interval) : signals.wait();
    if (signal == SIGHUP) {
      daemon.reload_soon();
    } else if (signal) {
      return;
    }
    if (daemon.health()) {
      manager.alive();
    }
  }
}

}  // namespace

int run_daemon(const DaemonOptions& options) {
  if (options.check_only) {
    return check_configuration(options);
  }
  const base::Result<schedule::Shard> shard = resolve_shard(options.shard, host_name());
  if (!shard) {
    std::fprintf(stderr, "inferometer: %s\n", shard.error().message.c_str());
    return k_exit_usage;
  }
  daemon::ServiceManager manager = daemon::ServiceManager::from_environment();
  base::log::configure(options.log.level, options.log.format);
  const bool watches = options.auto_reload_interval > base::Duration::zero();
  const daemon::Fingerprints before =
      watches ? daemon::take_fingerprints(options.config_file, nullptr) : daemon::Fingerprints();
  config::Reloader reloader = make_reloader(options.config_file);
  // Before signals are blocked, so that waiting for a pipe can be interrupted.
  if (const auto loaded = reloader.reload(); !loaded) {
    std::fputs(loaded.error().message.c_str(), stderr);
    return k_exit_usage;
  }
  if (!check_web_configuration(options)) {
    return k_exit_usage;
  }
  const daemon::Signals signals;
  base::raise_descriptor_limit();
  const auto daemon = daemon::Daemon::start(
      reloader,
      {.listen = options.listen, .shard = *shard, .web_config_file = options.web_config_file},
      manager);
  if (!daemon) {
    base::log::error("cannot start", {{"error", daemon.error().message}});
    return k_exit_failure;
  }
  for (const std::string& address : (*daemon)->addresses()) {
    base::log::info("serving", {{"address", address},
                                {"tls", (*daemon)->by_tls()},
                                {"version", base::build_info().version},
                                {"revision", base::build_info().revision}});
  }
  if (shard->count > 1) {
    base::log::info("probing a part of the configuration",
                    {{"shard", shard->index}, {"shards", shard->count}});
  }
  manager.ready();
  std::optional<daemon::ConfigWatch> watch;
  if (watches) {
    watch.emplace(
        options.auto_reload_interval, before,
        [&] { return daemon::take_fingerprints(options.config_file, reloader.current().get()); },
        [&] {
          base::log::info("a file of the configuration has changed");
          (*daemon)->reload_soon();
        });
  }
  serve_until_ended(**daemon, signals, manager);
  manager.stopping();
  watch.reset();
  daemon::shut_down(**daemon, signals, options.grace_period);
  return k_exit_ok;
}

}  // namespace inferometer::cli
