#include "base/descriptor.hpp"
#include "base/log.hpp"
#include "cli/cli.hpp"
#include "cli/terminal/live_table.hpp"
#include "cli/terminal/output.hpp"
#include "daemon/daemon.hpp"
#include "daemon/service_manager.hpp"
#include "daemon/shutdown.hpp"
#include "daemon/signals.hpp"
#include "sim/model/provider.hpp"
#include "sim/server.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

namespace inferometer::cli {
namespace {

constexpr base::Duration k_refresh = std::chrono::seconds(1);

/// A few requests go wrong, so that the demo shows failures as well.
constexpr std::string_view k_fault_rates = "status_429=0.01,reset=0.01";

/// A profile of the simulator as a provider; those of vLLM show their own metrics too.
std::string provider(std::string_view name, std::uint16_t port) {
  std::string text = fmt::format(
      "  - name: {0}\n"
      "    protocol: {2}\n"
      "    base_url: http://127.0.0.1:{1}/{0}/v1\n"
      "    models: [{0}]\n",
      name, port, name.starts_with("gpt") ? "openai-responses" : "openai-chat");
  if (name.starts_with("vllm")) {
    text += fmt::format(
        "    server_metrics: {{kind: vllm, url: \"http://127.0.0.1:{1}/{0}/metrics\", interval: "
        "5s}}\n",
        name, port);
  }
  return text;
}

/// The configuration of the demo: every profile of the simulator as a provider.
std::string configuration(std::uint16_t port, const std::string& listen) {
  std::string providers;
  std::string names;
  for (const sim::Profile& profile : sim::profiles()) {
    providers += provider(profile.name, port);
    names += fmt::format("{}{}", names.empty() ? "" : ", ", profile.name);
  }
  return fmt::format(
      "defaults: {{interval: 1s, max_in_flight: 4}}\n"
      "providers:\n{}"
      "workloads:\n"
      "  - {{name: demo, input_tokens: 256, output_tokens: 32}}\n"
      "probes:\n"
      "  - {{providers: [{}], workloads: [demo]}}\n"
      "slos:\n"
      "  - {{name: availability, objective: 97, sli: {{availability: true}}}}\n"
      "  - {{name: ttft, objective: 90, sli: {{ttft_below: 500ms}}}}\n"
      "web: {{listen: [\"{}\"]}}\n",
      providers, names, listen);
}

/// The table, to be drawn over the previous one on a terminal, else below it.
std::string frame(const daemon::Daemon& daemon, base::Duration elapsed) {
  constexpr std::string_view k_home_and_clear = "\x1b[H\x1b[J";
  const Terminal terminal = terminal_behind(STDOUT_FILENO);
  const std::string& address = daemon.addresses().front();
  std::string text(terminal.escapes ? k_home_and_clear : "");
  for (const std::string& line :
       {fmt::format("Inferometer demo, {:.0f} s: http://{}/  (Ctrl-C ends)", base::seconds(elapsed),
                    address),
        fmt::format("Metrics: http://{}/metrics", address),
        std::string("Providers are simulated: their latencies are claims of an article, not"),
        std::string("measurements, and 2 % of the requests fail on purpose."), std::string()}) {
    text += shorten(line, terminal.columns) + '\n';
  }
  return text + render_table(daemon.summaries(), terminal) + '\n';
}

/// Shows the table until `run_for` is over, if it is not zero, or a signal ends the demo. False if
/// it cannot be shown.
bool watch(const daemon::Daemon& daemon, const daemon::Signals& signals, base::Duration run_for) {
  Output output(signals);
  const base::MonotonicTime began = base::system_clock().now();
  while (true) {
    const base::Duration elapsed = base::system_clock().now() - began;
    if (!output.show(frame(daemon, elapsed))) {
      return false;
    }
    if (run_for != base::Duration::zero() && elapsed >= run_for) {
      return output.finish();
    }
    const auto signal = signals.wait(k_refresh);
    if (signal && *signal != SIGHUP) {
      return true;
    }
  }
}

}  // namespace

int run_demo(const DemoOptions& options) {
  base::log::configure(base::log::Level::error, base::log::Format::logfmt);
  const daemon::Signals signals;
  base::raise_descriptor_limit();
  sim::Options simulator_options;
  simulator_options.listen = "127.0.0.1:0";
  simulator_options.behaviour.fault_rates = *sim::parse_fault_rates(k_fault_rates);
  const auto simulator = sim::Server::start(simulator_options);
  if (!simulator) {
    base::log::error("cannot start the simulator", {{"error", simulator.error().message}});
    return k_exit_failure;
  }
  const std::string text = configuration(simulator->port(), options.listen);
  config::Reloader reloader(
      "demo", [text] { return config::load_text(text, "demo", daemon::load_options()); });
  if (const auto loaded = reloader.reload(); !loaded) {
    std::fputs(loaded.error().message.c_str(), stderr);
    return k_exit_usage;
  }
  daemon::ServiceManager no_manager;
  const auto daemon = daemon::Daemon::start(reloader, {}, no_manager);
  if (!daemon) {
    base::log::error("cannot start the daemon", {{"error", daemon.error().message}});
    return k_exit_failure;
  }
  const bool shown = watch(**daemon, signals, options.run_for);
  daemon::shut_down(**daemon, signals, k_refresh);
  return shown ? k_exit_ok : k_exit_failure;
}

}  // namespace inferometer::cli
