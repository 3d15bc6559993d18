#include "e2e/system.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace inferometer::e2e {
namespace {

constexpr unsigned k_shards = 3;
constexpr unsigned k_models = 8;

std::string sharded_configuration(const Simulator& simulator) {
  std::string models;
  for (unsigned i = 0; i < k_models; ++i) {
    models += fmt::format("m{},", i);
  }
  return fmt::format(
      "providers:\n"
      "  - {{name: p, protocol: openai-chat, base_url: \"{0}\", models: [{1}], "
      "headers: {{X-Sim-Ttft: 2ms, X-Sim-Itl: 1ms}}}}\n"
      "  - {{name: q, protocol: openai-chat, base_url: \"{0}\", models: [{1}], "
      "server_metrics: {{kind: vllm, url: \"http://127.0.0.1:{2}/metrics\", interval: 1s}}}}\n"
      "workloads: [{{name: w, input_tokens: 16, output_tokens: 8}}]\n"
      "probes: [{{providers: [p, q], workloads: [w], interval: 500ms, max_in_flight: 9}}]\n"
      "slos: [{{name: s, objective: 99, sli: {{ttft_below: 1s}}}}]\n",
      simulator.url(), models, simulator.port());
}

/// Names and labels of what is about providers, without their values: of families that have all
/// their series from the start. Others depend on what has been measured by then.
std::set<std::string> series_of(const Daemon& daemon) {
  std::set<std::string> series;
  std::istringstream lines(
      http("GET", daemon.port(),
           "/metrics?name[]=llm_probe_attempts_total&name[]=llm_probe_failures_total"
           "&name[]=llm_probe_skipped_total&name[]=llm_probe_ttft_seconds"
           "&name[]=llm_probe_duration_seconds&name[]=llm_probe_slo_events_total"
           "&name[]=llm_probe_slo_bad_events_total&name[]=llm_server_up")
          .body);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("llm_")) {
      series.insert(line.substr(0, line.rfind(' ')));
    }
  }
  return series;
}

/// All targets have succeeded, the server's metrics have been read and the configurations' hashes
/// are known, so that no series is to come.
bool complete(const std::vector<std::unique_ptr<Daemon>>& daemons) {
  std::size_t successes = 0;
  std::size_t hashes = 0;
  bool read = false;
  for (const auto& daemon : daemons) {
    std::istringstream lines(daemon->metrics());
    for (std::string line; std::getline(lines, line);) {
      successes += line.starts_with("llm_probe_success{") && line.ends_with(" 1") ? 1U : 0U;
      hashes += line.starts_with("inferometer_config_hash ") ? 1U : 0U;
      read = read || (line.starts_with("llm_server_up") && line.ends_with(" 1"));
    }
  }
  return successes == std::size_t(2) * k_models && read && hashes == daemons.size();
}

}  // namespace

TEST_CASE("three shards show together the series that one daemon shows, and each of them once") {
  const TemporaryFolder folder;
  const Simulator simulator;
  const std::string text = sharded_configuration(simulator);
  std::vector<std::unique_ptr<Daemon>> whole;
  whole.push_back(std::make_unique<Daemon>(folder, text));
  std::vector<std::unique_ptr<Daemon>> shards;
  for (unsigned index = 0; index < k_shards; ++index) {
    shards.push_back(
        std::make_unique<Daemon>(folder, text,
                                 std::vector<std::string>{fmt::format("--shard.count={}", k_shards),
                                                          fmt::format("--shard.index={}", index)}));
  }
  REQUIRE(eventually([&] { return complete(whole) && complete(shards); }));

  std::set<std::string> together;
  std::size_t of_targets = 0;
  for (const auto& shard : shards) {
    const std::set<std::string> series = series_of(*shard);
    of_targets +=
        static_cast<std::size_t>(std::ranges::count_if(series, [](const std::string& each) {
          return each.starts_with("llm_probe_attempts_total{");
        }));
    together.insert(series.begin(), series.end());
    CHECK(shard->sample("inferometer_config_hash").value() ==
          whole[0]->sample("inferometer_config_hash").value());
    CHECK(shard->sample("inferometer_shards") == k_shards);
    CHECK(shard->sample("inferometer_shard_targets").value() < 2 * k_models);
  }
  CHECK(of_targets == std::size_t(2) * k_models);
  CHECK(together == series_of(*whole[0]));
}

TEST_CASE(
    "a probe on demand is refused by a shard that does not have it, which names the one that "
    "does") {
  const TemporaryFolder folder;
  const Simulator simulator;
  const std::string text = sharded_configuration(simulator);
  int answered = 0;
  for (unsigned index = 0; index < k_shards; ++index) {
    const Daemon shard(
        folder, text,
        {fmt::format("--shard.count={}", k_shards), fmt::format("--shard.index={}", index)});
    const HttpReply reply = http("GET", shard.port(), "/probe?provider=p&model=m0&workload=w");
    answered += reply.status == 200 ? 1 : 0;
    if (reply.status != 200) {
      CHECK(reply.status == 421);
      CHECK(reply.body.find("the probe is on shard") != std::string::npos);
    }
  }
  CHECK(answered == 1);
}

}  // namespace inferometer::e2e
