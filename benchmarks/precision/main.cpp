// Prints how far Inferometer's figures are from the truth, what an event costs in CPU and a stream
// in memory, under several loads, beside a bare reader that does the same work in the same run.

#include "base/descriptor.hpp"
#include "precision/bare_reader.hpp"
#include "precision/child.hpp"
#include "precision/instrument.hpp"
#include "precision/table.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cmath>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <map>
#include <memory>
#include <random>
#include <thread>
#include <vector>

namespace inferometer::precision {
namespace {

using namespace std::chrono_literals;

constexpr int k_client_cpu = 0;

/// Stops a process for 12 ms to 2 s, over and over, until its result is there.
void freeze_at_random(const Child& client) {
  std::mt19937 random(1);
  std::uniform_real_distribution<double> running(0.02, 0.4);
  std::uniform_real_distribution<double> exponent(std::log(0.012), std::log(2.0));
  while (!client.is_done()) {
    std::this_thread::sleep_for(std::chrono::duration<double>(running(random)));
    kill(client.process(), SIGSTOP);
    std::this_thread::sleep_for(std::chrono::duration<double>(std::exp(exponent(random))));
    kill(client.process(), SIGCONT);
  }
}

using Client = Figures (*)(const Plan&, const Server&);

/// One client in a process of its own, against a server in another.
Figures run_client(Client client, const Plan& plan) {
  const Server server(plan);
  std::vector<std::unique_ptr<Child>> busy;
  busy.reserve(static_cast<std::size_t>(plan.busy_processes));
  for (int i = 0; i < plan.busy_processes; ++i) {
    busy.push_back(std::make_unique<Child>(k_client_cpu, [](int) {
      for (volatile bool forever = true; forever;) {
      }
    }));
  }
  Child child(k_client_cpu, [&](int result) { hand_back(result, client(plan, server)); });
  if (plan.keep_opening > 0s) {
    freeze_at_random(child);
  }
  return child.wait<Figures>();
}

Row run_case(const Case& which, std::uint32_t streams, base::Duration length) {
  const Plan plan = make_plan(which, streams, length);
  fmt::print(stderr, "{}, {} ...\n", to_string(which.load), to_string(which.mode));
  Row row{.which = which, .figures = run_client(run_instrument, plan), .bare = {}};
  const bool comparable = which.load == Load::at_rest || which.load == Load::saturated;
  if (comparable && plan.wire != selftest::Wire::http2 && !plan.reuse) {
    row.bare = run_client(run_bare_reader, plan);
  }
  return row;
}

std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("model name")) {
      return line.substr(line.find(':') + 2);
    }
  }
  return "unknown processor";
}

int run(int argc, char** argv) {
  const std::map<std::string, Mode> mode_names{{"clear-text", Mode::clear_text},
                                               {"tls", Mode::tls},
                                               {"http2", Mode::http2},
                                               {"reused", Mode::reused}};
  const std::map<std::string, Load> load_names{
      {"at-rest", Load::at_rest},
      {"saturated", Load::saturated},
      {"starved", Load::starved},
      {"starved-without-stamps", Load::starved_without_stamps},
      {"frozen", Load::frozen}};
  std::vector<Mode> modes{Mode::clear_text, Mode::tls, Mode::http2, Mode::reused};
  std::vector<Load> loads{Load::at_rest, Load::saturated, Load::starved,
                          Load::starved_without_stamps, Load::frozen};
  std::uint32_t streams = 0;
  double seconds = 0;
  CLI::App app("Precision of the measured figures");
  app.add_option("--mode", modes, "Connections to measure over; all of them if not given")
      ->transform(CLI::CheckedTransformer(mode_names));
  app.add_option("--load", loads, "Loads to measure under; all of them if not given")
      ->transform(CLI::CheckedTransformer(load_names));
  app.add_option("--streams", streams, "Streams at once (the load's own number)");
  app.add_option("--seconds", seconds, "For how long each stream sends (the load's own time)");
  CLI11_PARSE(app, argc, argv);

  base::raise_descriptor_limit();
  const auto length =
      std::chrono::duration_cast<base::Duration>(std::chrono::duration<double>(seconds));
  fmt::print("{}, {} CPUs; client on one, server on another\n\n{}", processor(),
             std::thread::hardware_concurrency(), table_head());
  std::size_t events = 0;
  for (const Load load : loads) {
    for (const Mode mode : modes) {
      const Row row = run_case({.mode = mode, .load = load}, streams, length);
      fmt::print("{}", table_line(row));
      std::fflush(stdout);
      events += row.figures.events;
    }
  }
  return events > 0 ? 0 : 1;
}

}  // namespace
}  // namespace inferometer::precision

int main(int argc, char** argv) {
  try {
    return inferometer::precision::run(argc, argv);
  } catch (const std::exception& exception) {
    fmt::print(stderr, "{}\n", exception.what());
    return 1;
  }
}
