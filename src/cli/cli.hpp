#pragma once

#include "cli/command_line.hpp"
#include "config/config.hpp"

#include <string>

namespace inferometer::cli {

/// What the process tells its caller.
inline constexpr int k_exit_ok = 0;
inline constexpr int k_exit_failure = 1;  ///< a run-time failure, or a probe that did not succeed
inline constexpr int k_exit_usage = 2;    ///< bad usage or configuration

// What each command does, from its flags to its exit status.
[[nodiscard]] int run_daemon(const DaemonOptions& options);
[[nodiscard]] int run_probe(const ProbeOptions& options);
[[nodiscard]] int run_sim(const SimOptions& options);
[[nodiscard]] int run_selftest(const SelftestOptions& options);
[[nodiscard]] int run_rules(const RulesOptions& options);
[[nodiscard]] int run_demo(const DemoOptions& options);
[[nodiscard]] int run_healthcheck(const HealthcheckOptions& options);

/// Says on stderr what the user should know of the alerts of the SLOs; `name` is the file's.
void print_alert_notes(const std::string& name, const config::Config& config);

/// The whole program. Returns its exit status: 0 good, 1 a run-time failure or a failed probe, 2
/// bad usage or configuration.
[[nodiscard]] int run(int argc, const char* const* argv);

}  // namespace inferometer::cli
