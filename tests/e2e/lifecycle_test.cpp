#include "e2e/system.hpp"
#include "fakes/count_of.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <signal.h>

namespace inferometer::e2e::lifecycle_test {
namespace {

constexpr std::string_view k_series = R"({provider="p",model="m",workload="w"})";

std::string configuration(const std::string& url, std::string_view headers,
                          std::string_view workload = "w") {
  return fmt::format(
      "providers: [{{name: p, protocol: openai-chat, base_url: \"{0}\", models: [m], "
      "headers: {{{1}}}}}]\n"
      "workloads: [{{name: {2}, input_tokens: 64, output_tokens: 16}}]\n"
      "probes: [{{providers: [p], workloads: [{2}], interval: 200ms, max_in_flight: 9}}]\n",
      url, headers, workload);
}

}  // namespace

TEST_CASE("SIGTERM drains: not ready and no new probes and those in flight end and exit 0") {
  const TemporaryFolder folder;
  const Simulator simulator;
  Daemon daemon(folder, configuration(simulator.url(), "X-Sim-Itl: 200ms"),
                {"--log.level", "debug"});
  REQUIRE(eventually(
      [&] { return daemon.sample(fmt::format("llm_probe_in_flight{}", k_series)) >= 5; }));
  daemon.process().terminate();
  REQUIRE(eventually([&] { return http("GET", daemon.port(), "/-/ready").status == 503; }));
  CHECK(http("GET", daemon.port(), "/-/healthy").status == 200);
  const double begun =
      daemon.sample(fmt::format("llm_probe_attempts_total{}", k_series)).value_or(0) +
      daemon.sample(fmt::format("llm_probe_in_flight{}", k_series)).value_or(0);
  CHECK(begun >= 5);
  CHECK(daemon.process().wait_for_exit(std::chrono::seconds(20)) == 0);
  CHECK(fakes::count_of(daemon.process().output(), "msg=\"probe succeeded\"") == begun);
}

TEST_CASE("open attempts are cut and not counted once the grace period is over") {
  const TemporaryFolder folder;
  const Simulator simulator;
  Daemon daemon(folder, configuration(simulator.url(), "X-Sim-Fault: hang_before_headers"),
                {"--shutdown.grace-period", "300ms"});
  REQUIRE(eventually(
      [&] { return daemon.sample(fmt::format("llm_probe_in_flight{}", k_series)) >= 1; }));
  daemon.process().terminate();
  CHECK(daemon.process().wait_for_exit(std::chrono::seconds(10)) == 0);
  CHECK(daemon.process().output().find("grace period over") != std::string::npos);
}

TEST_CASE("a second signal ends the process at once") {
  const TemporaryFolder folder;
  const Simulator simulator;
  Daemon daemon(folder, configuration(simulator.url(), "X-Sim-Fault: hang_before_headers"));
  REQUIRE(eventually(
      [&] { return daemon.sample(fmt::format("llm_probe_in_flight{}", k_series)) >= 1; }));
  daemon.process().terminate();
  REQUIRE(eventually([&] { return http("GET", daemon.port(), "/-/ready").status == 503; }));
  daemon.process().terminate();
  CHECK(daemon.process().wait_for_exit(k_slowness * std::chrono::seconds(5)) == 128 + SIGTERM);
}

TEST_CASE("a reload swaps the probes and their series and a bad file changes nothing") {
  const TemporaryFolder folder;
  const Simulator simulator;
  Daemon daemon(folder, configuration(simulator.url(), ""));
  const std::string old_series = fmt::format("llm_probe_attempts_total{}", k_series);
  const std::string new_series =
      R"(llm_probe_attempts_total{provider="p",model="m",workload="other"})";
  REQUIRE(eventually([&] { return daemon.sample(old_series) >= 2; }));

  folder.write("inferometer.yml", "providers: []\nnonsense: 1\n");
  const HttpReply refused = http("POST", daemon.port(), "/-/reload");
  CHECK(refused.status == 500);
  CHECK(refused.body.find("nonsense") != std::string::npos);
  CHECK(daemon.sample("inferometer_config_last_reload_successful") == 0);
  CHECK(daemon.sample(old_series) >= 2);

  folder.write("inferometer.yml", configuration(simulator.url(), "", "other"));
  CHECK(http("POST", daemon.port(), "/-/reload").status == 200);
  CHECK(daemon.sample("inferometer_config_last_reload_successful") == 1);
  CHECK_FALSE(daemon.sample(old_series));
  REQUIRE(eventually([&] { return daemon.sample(new_series) >= 2; }));
  const double before = daemon.sample(new_series).value_or(0);

  daemon.process().send(SIGHUP);
  REQUIRE(eventually([&] {
    return daemon.process().output().find(
               "configuration reloaded",
               daemon.process().output().find("configuration reloaded") + 1) != std::string::npos;
  }));
  CHECK(daemon.sample(new_series) >= before);
}

TEST_CASE("promtool finds nothing to say about the metrics of a running daemon") {
  const TemporaryFolder folder;
  const Simulator simulator({"--set", "fault-rate=status_429=0.3"});
  const Daemon daemon(folder, configuration(simulator.url(), "X-Sim-Reasoning-Tokens: 4"));
  REQUIRE(eventually(
      [&] { return daemon.sample(fmt::format("llm_probe_ttft_seconds_count{}", k_series)) >= 5; }));
  const std::string file = folder.write("metrics.txt", daemon.metrics());
  const Finished checked = run({"sh", "-c", "promtool check metrics < " + file});
  CHECK(checked.output.empty());
  CHECK(checked.status == 0);
}

}  // namespace inferometer::e2e::lifecycle_test
