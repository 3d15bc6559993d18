#include "base/log.hpp"
#include "cli/adhoc_target.hpp"
#include "cli/commands.hpp"
#include "cli/exit_status.hpp"
#include "daemon/signals.hpp"
#include "daemon/single_attempt.hpp"
#include "measure/render.hpp"
#include "probe/runner.hpp"

#include <cstdio>
#include <future>

namespace inferometer::cli {
namespace {

/// Runs one attempt to its end; none if a signal cut it.
std::optional<measure::Measurement> probe(const config::Target& target, const config::Trust& trust,
                                          const daemon::Signals& signals) {
  const auto transport = transport::make_transport({});
  const auto background = transport::make_transport({});
  probe::Runner runner(
      {.transport = *transport, .background = *background, .clock = base::system_clock()});
  runner.set_trust(trust);
  auto future =
      daemon::start_single_attempt(runner, std::make_shared<const config::Target>(target));
  constexpr base::Duration k_poll = std::chrono::milliseconds(10);
  while (future.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
    if (signals.wait(k_poll)) {
      background->stop();
      transport->stop();
    }
  }
  background->stop();
  transport->stop();
  return future.get();
}

}  // namespace

int run_probe(const ProbeOptions& options) {
  base::log::configure(base::log::Level::warn, base::log::Format::logfmt);
  const daemon::Signals signals;
  const auto chosen = choose_target(options);
  if (!chosen) {
    std::fprintf(stderr, "%s\n", chosen.error().message.c_str());
    return k_exit_usage;
  }
  const auto measurement = probe(chosen->target, chosen->trust, signals);
  if (!measurement) {
    std::fputs("interrupted\n", stderr);
    return k_exit_failure;
  }
  const std::string text =
      options.json ? measure::to_json(*measurement) + '\n' : measure::to_timeline(*measurement);
  std::fputs(text.c_str(), stdout);
  return measurement->outcome == measure::Outcome::success ? k_exit_ok : k_exit_failure;
}

}  // namespace inferometer::cli
