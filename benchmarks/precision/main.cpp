// Prints how far Inferometer's stamps are behind the true send times, what an event costs in CPU
// and a stream in memory, beside a bare epoll reader under the same load in the same run.

#include "base/descriptor_limit.hpp"
#include "precision/bare_reader.hpp"
#include "precision/instrument.hpp"
#include "precision/simulator.hpp"
#include "precision/stamps.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <thread>

namespace inferometer::precision {
namespace {

double microseconds(base::Duration span) {
  return base::seconds(span) * 1e6;
}

std::string quantiles(std::vector<base::Duration> values) {
  if (values.empty()) {
    return "none";
  }
  std::sort(values.begin(), values.end());
  const auto at = [&values](double q) {
    return microseconds(
        values[static_cast<std::size_t>(q * static_cast<double>(values.size() - 1))]);
  };
  return fmt::format("p50 {:>8.1f}   p90 {:>8.1f}   p99 {:>8.1f}   p99.9 {:>8.1f}   max {:>9.1f}",
                     at(0.5), at(0.9), at(0.99), at(0.999), at(1.0));
}

double cpu_per_event(const Result& result) {
  return microseconds(result.cpu) /
         static_cast<double>(std::max<std::size_t>(result.delays.size(), 1));
}

void print(const char* name, const Result& result, const Load& load) {
  fmt::print("{}\n", name);
  fmt::print("  read - sent, us       {}\n", quantiles(result.delays));
  fmt::print("  of first tokens, us   {}\n", quantiles(result.first_delays));
  fmt::print("  TTFT - configured, us {}\n", quantiles(result.ttft_errors));
  fmt::print("  CPU per event, us     {:.2f}\n", cpu_per_event(result));
  if (result.memory_bytes > 0) {
    fmt::print("  memory per stream     {:.1f} KiB\n",
               static_cast<double>(result.memory_bytes) / 1024 / load.streams);
  }
  fmt::print("  events {}, streams failed {}\n", result.delays.size(), result.failed_streams);
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
  Load load;
  int rounds = 3;
  CLI::App app("Precision of the measured stamps");
  app.add_option("--streams", load.streams, "Streams opened at once")->capture_default_str();
  app.add_option("--tokens", load.tokens, "Tokens of each, one every 20 ms")->capture_default_str();
  app.add_option("--rounds", rounds, "Rounds; each runs both clients")->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  base::raise_descriptor_limit();
  const Simulator simulator;
  pin_to_cpu(0);
  fmt::print("{}, {} CPUs; client on one, simulator on another\n", processor(),
             std::thread::hardware_concurrency());
  fmt::print("{} streams at once, {} tokens each at {} tokens/s, TTFT {} ms\n\n", load.streams,
             load.tokens, std::chrono::seconds(1) / load.gap,
             load.ttft / std::chrono::milliseconds(1));

  std::vector<double> ratios;
  std::uint64_t failed = 0;
  for (int round = 1; round <= rounds; ++round) {
    const Result bare = run_bare_reader(load, simulator.port());
    const Result ours = run_instrument(load, simulator.port());
    ratios.push_back(cpu_per_event(ours) / cpu_per_event(bare));
    failed += bare.failed_streams + ours.failed_streams;
    fmt::print("round {}\n", round);
    print("bare epoll reader", bare, load);
    print("inferometer", ours, load);
    fmt::print("CPU per event, inferometer / bare: {:.2f}\n\n", ratios.back());
  }
  std::sort(ratios.begin(), ratios.end());
  fmt::print("CPU per event, inferometer / bare, median of {} rounds: {:.2f}\n", rounds,
             ratios[ratios.size() / 2]);
  return failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace inferometer::precision

int main(int argc, char** argv) {
  return inferometer::precision::run(argc, argv);
}
