#include "base/descriptor.hpp"
#include "base/log.hpp"
#include "cli/cli.hpp"
#include "config/secrets.hpp"
#include "daemon/signals.hpp"
#include "sim/server.hpp"

#include <csignal>
#include <cstdio>

namespace inferometer::cli {
namespace {

using base::fail;
using base::Result;

/// Replaces `distribution` by what `path` recorded, unless that is empty.
Result<void> use_recording(const std::string& path,
                           std::optional<sim::Distribution>& distribution) {
  if (path.empty()) {
    return {};
  }
  auto recording = sim::load_recording(path, sim::Distribution::Order::replay);
  if (!recording) {
    return tl::make_unexpected(recording.error());
  }
  distribution = *std::move(recording);
  return {};
}

/// Each `name=value` of `--set`.
Result<void> apply_settings(const std::vector<std::string>& settings, sim::Behaviour& behaviour) {
  for (const std::string& setting : settings) {
    const std::size_t equals = setting.find('=');
    if (equals == std::string::npos) {
      return fail("--set " + setting + ": write it as name=value");
    }
    const std::string header = std::string(sim::k_setting_prefix) + setting.substr(0, equals);
    const auto applied = sim::apply_setting(behaviour, header, setting.substr(equals + 1));
    if (!applied) {
      return fail("--set " + setting + ": " + applied.error().message);
    }
  }
  return {};
}

Result<sim::Options> simulator_options(const SimOptions& options) {
  sim::Options result;
  result.listen = options.listen;
  result.seed = options.seed;
  result.profile = options.profile;
  result.slots = options.slots;
  result.slowdown = options.slowdown;
  for (const auto& step : {use_recording(options.recorded_ttft, result.behaviour.ttft),
                           use_recording(options.recorded_itl, result.behaviour.itl),
                           apply_settings(options.settings, result.behaviour)}) {
    if (!step) {
      return tl::make_unexpected(step.error());
    }
  }
  result.behaviour.stamp = result.behaviour.stamp || options.stamp;
  const auto kind = sim::parse_metrics_kind(options.metrics_kind);
  if (!kind) {
    return fail("--metrics.kind: " + kind.error().message);
  }
  result.metrics = *kind;
  if (!options.require_key_env.empty()) {
    auto key = config::read_secret(
        {.kind = config::SecretRef::Kind::environment, .name = options.require_key_env});
    if (!key) {
      return tl::make_unexpected(key.error());
    }
    result.key = *std::move(key);
  }
  return result;
}

}  // namespace

int run_sim(const SimOptions& options) {
  base::log::configure(options.log.level, options.log.format);
  const daemon::Signals signals;
  const Result<sim::Options> chosen = simulator_options(options);
  if (!chosen) {
    std::fprintf(stderr, "%s\n", chosen.error().message.c_str());
    return k_exit_usage;
  }
  base::raise_descriptor_limit();
  auto server = sim::Server::start(*chosen);
  if (!server) {
    base::log::error("cannot start the simulator", {{"error", server.error().message}});
    return k_exit_failure;
  }
  base::log::info("simulating", {{"port", server->port()}});
  while (signals.wait() == SIGHUP) {
    // Nothing to reload.
  }
  server->stop();
  return k_exit_ok;
}

}  // namespace inferometer::cli
