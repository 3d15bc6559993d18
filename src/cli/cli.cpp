#include "cli/cli.hpp"

#include "base/log.hpp"
#include "cli/command_line.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <utility>

namespace inferometer::cli {
namespace {

struct Execute {
  int operator()(const DaemonOptions& options) const { return run_daemon(options); }
  int operator()(const ProbeOptions& options) const { return run_probe(options); }
  int operator()(const SimOptions& options) const { return run_sim(options); }
  int operator()(const SelftestOptions& options) const { return run_selftest(options); }
  int operator()(const RulesOptions& options) const { return run_rules(options); }
  int operator()(const DemoOptions& options) const { return run_demo(options); }
  int operator()(const HealthcheckOptions& options) const { return run_healthcheck(options); }
};

/// Takes the places of standard descriptors that the caller closed: else the next socket would get
/// one, and what is printed would be sent to a peer. What should be read or printed fails.
void occupy_standard_descriptors() {
  for (const auto& [descriptor, useless_mode] :
       {std::pair(STDIN_FILENO, O_WRONLY), std::pair(STDOUT_FILENO, O_RDONLY),
        std::pair(STDERR_FILENO, O_RDONLY)}) {
    if (fcntl(descriptor, F_GETFD) < 0) {
      open("/dev/null", useless_mode);  // gets the lowest free number, which is this one
    }
  }
}

}  // namespace

int run(int argc, const char* const* argv) {
  occupy_standard_descriptors();
  int status = k_exit_failure;
  try {
    const auto parsed = parse_command_line(argc, argv);
    const int* const done = std::get_if<int>(&parsed);
    status = done != nullptr ? *done : std::visit(Execute{}, std::get<Command>(parsed));
  } catch (const std::exception& exception) {
    std::fprintf(stderr, "inferometer: %s\n", exception.what());
  }
  // Lines that are not read within a second are lost: the process must end all the same.
  [[maybe_unused]] const bool written = base::log::flush();
  return status;
}

}  // namespace inferometer::cli
