#include "e2e/system.hpp"
#include "metrics/catalogue.hpp"
#include "sim/model/provider.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <span>

namespace inferometer::e2e::percentiles_test {
namespace {

constexpr int k_output_tokens = 16;
constexpr double k_samples = 300;

/// The number of edges below `value`: its bucket.
std::ptrdiff_t bucket_of(double value, std::span<const double> edges) {
  return std::lower_bound(edges.begin(), edges.end(), value) - edges.begin();
}

/// The duration's true quantile: TTFT and the gaps of one answer, drawn many times. Setting up a
/// connection on loopback adds less than a bucket.
double duration_quantile(const sim::Profile& profile, double q) {
  std::mt19937_64 engine(1);
  std::uniform_real_distribution<double> uniform(1e-9, 1 - 1e-9);
  std::vector<double> durations(20'000);
  for (double& duration : durations) {
    duration = base::seconds(profile.ttft.quantile(uniform(engine)));
    for (int gap = 1; gap < k_output_tokens; ++gap) {
      duration += base::seconds(profile.itl.quantile(uniform(engine)));
    }
  }
  std::sort(durations.begin(), durations.end());
  return durations[static_cast<std::size_t>(q * static_cast<double>(durations.size()))];
}

std::string configuration(const Simulator& simulator) {
  std::string providers;
  std::string names;
  for (const sim::Profile& profile : sim::profiles()) {
    providers +=
        fmt::format("  - {{name: {0}, protocol: openai-chat, base_url: \"{1}\", models: [{0}]}}\n",
                    profile.name, simulator.url(profile.name));
    names += std::string(profile.name) + ",";
  }
  return fmt::format(
      "providers:\n{}"
      "workloads: [{{name: load, input_tokens: 64, output_tokens: {}}}]\n"
      "probes: [{{providers: [{}], workloads: [load], interval: 100ms, max_in_flight: 50}}]\n",
      providers, k_output_tokens, names);
}

void check_histogram(const Prometheus& prometheus, const sim::Profile& profile,
                     std::string_view metric, double q, double truth,
                     std::span<const double> edges) {
  const auto answer = prometheus.value(
      fmt::format("histogram_quantile({}, {}_bucket{{provider=\"{}\"}})", q, metric, profile.name));
  INFO(profile.name, " ", metric, " q=", q, " truth ", truth, " answer ", answer.value_or(-1));
  REQUIRE(answer);
  CHECK(std::abs(bucket_of(*answer, edges) - bucket_of(truth, edges)) <= 1);
}

void wait_for_samples(const Prometheus& prometheus, const sim::Profile& profile) {
  CAPTURE(profile.name);
  const std::string count =
      fmt::format("llm_probe_ttft_seconds_count{{provider=\"{}\"}}", profile.name);
  REQUIRE(eventually([&] { return prometheus.value(count).value_or(0) >= k_samples; },
                     std::chrono::seconds(150)));
}

void check_profile(const Prometheus& prometheus, const sim::Profile& profile) {
  for (const double q : {0.5, 0.95, 0.99}) {
    check_histogram(prometheus, profile, "llm_probe_ttft_seconds", q,
                    base::seconds(profile.ttft.quantile(q)), metrics::k_ttft_edges);
    check_histogram(prometheus, profile, "llm_probe_inter_token_latency_seconds", q,
                    base::seconds(profile.itl.quantile(q)), metrics::k_inter_token_edges);
    check_histogram(prometheus, profile, "llm_probe_duration_seconds", q,
                    duration_quantile(profile, q), metrics::k_duration_edges);
  }
}

/// Nothing failed, and every token that was asked for was counted, and none besides. A scrape may
/// fall between the counters of one attempt, so this is to hold at some time, not at any.
void check_counts(const Prometheus& prometheus, const sim::Profile& profile) {
  CAPTURE(profile.name);
  CHECK(prometheus.value(
            fmt::format("sum(llm_probe_failures_total{{provider=\"{}\"}})", profile.name)) == 0);
  const std::string tokens_per_attempt = fmt::format(
      "llm_probe_tokens_total{{provider=\"{0}\",kind=\"output\"}}"
      " / on() llm_probe_attempts_total{{provider=\"{0}\"}}",
      profile.name);
  CHECK(eventually([&] { return prometheus.value(tokens_per_attempt) == k_output_tokens; }));
}

}  // namespace

TEST_CASE("the percentiles that Prometheus computes agree with what the providers were told") {
  const TemporaryFolder folder;
  const Simulator simulator({"--seed", "7"});
  const Daemon daemon(folder, configuration(simulator));
  const Prometheus prometheus(folder, daemon.port());

  for (const sim::Profile& profile : sim::profiles()) {
    wait_for_samples(prometheus, profile);
  }
  for (const sim::Profile& profile : sim::profiles()) {
    check_profile(prometheus, profile);
    check_counts(prometheus, profile);
  }
}

}  // namespace inferometer::e2e::percentiles_test
