#include "cli/cli.hpp"

#include "cli/command_line.hpp"
#include "cli/commands.hpp"
#include "cli/exit_status.hpp"

#include <cstdio>
#include <exception>

namespace inferometer::cli {
namespace {

struct Execute {
  int operator()(const DaemonOptions& options) const { return run_daemon(options); }
  int operator()(const ProbeOptions& options) const { return run_probe(options); }
  int operator()(const SimOptions& options) const { return run_sim(options); }
  int operator()(const SelftestOptions& options) const { return run_selftest(options); }
  int operator()(const DemoOptions& options) const { return run_demo(options); }
};

}  // namespace

int run(int argc, const char* const* argv) {
  try {
    const auto parsed = parse_command_line(argc, argv);
    if (const int* status = std::get_if<int>(&parsed)) {
      return *status;
    }
    return std::visit(Execute{}, std::get<Command>(parsed));
  } catch (const std::exception& exception) {
    std::fprintf(stderr, "inferometer: %s\n", exception.what());
    return k_exit_failure;
  }
}

}  // namespace inferometer::cli
