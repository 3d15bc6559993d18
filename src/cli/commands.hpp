#pragma once

#include "cli/command_line.hpp"

/// What each command does, from its flags to its exit status.
namespace inferometer::cli {

[[nodiscard]] int run_daemon(const DaemonOptions& options);
[[nodiscard]] int run_probe(const ProbeOptions& options);
[[nodiscard]] int run_sim(const SimOptions& options);
[[nodiscard]] int run_selftest(const SelftestOptions& options);
[[nodiscard]] int run_rules(const RulesOptions& options);
[[nodiscard]] int run_demo(const DemoOptions& options);

}  // namespace inferometer::cli
