#include "config/section/slo.hpp"

#include <doctest/doctest.h>

using namespace std::chrono_literals;

namespace inferometer::config {
namespace {

const TargetKey k_key{"openai", "gpt-4o", "chat"};

using Condition = std::optional<Duration> Sli::*;

Slo slo_of(Condition condition, Duration threshold, SloMatch match = {}) {
  Slo slo{.name = "slo", .objective = 95, .sli = {}, .match = std::move(match)};
  slo.sli.*condition = threshold;
  return slo;
}

}  // namespace

TEST_CASE("a match without names takes in every target") {
  CHECK(matches({}, k_key));
}

TEST_CASE("a match takes in the targets that have all of its names") {
  CHECK(matches({.provider = "openai"}, k_key));
  CHECK(matches({.model = "gpt-4o"}, k_key));
  CHECK(matches({.workload = "chat"}, k_key));
  CHECK(matches({.provider = "openai", .model = "gpt-4o", .workload = "chat"}, k_key));
  CHECK_FALSE(matches({.provider = "open", .model = "gpt-4o", .workload = "chat"}, k_key));
  CHECK_FALSE(matches({.provider = "openai", .model = "gpt-4", .workload = "chat"}, k_key));
  CHECK_FALSE(matches({.provider = "openai", .model = "gpt-4o", .workload = "Chat"}, k_key));
  CHECK_FALSE(matches({.provider = ""}, k_key));
}

TEST_CASE("thresholds are in seconds, ascending and each once") {
  const std::vector<Slo> slos{slo_of(&Sli::ttft_below, 2s), slo_of(&Sli::ttft_below, 800ms),
                              slo_of(&Sli::ttft_below, 2000ms), slo_of(&Sli::ttft_below, 1ns)};
  CHECK(thresholds(slos, &Sli::ttft_below, k_key) == std::vector<double>{1e-9, 0.8, 2});
}

TEST_CASE("thresholds are those of the same condition") {
  const std::vector<Slo> slos{slo_of(&Sli::duration_below, 5s),
                              slo_of(&Sli::time_per_output_token_below, 20ms),
                              slo_of(&Sli::ttft_below, 1s)};
  CHECK(thresholds(slos, &Sli::ttft_below, k_key) == std::vector<double>{1});
  CHECK(thresholds(slos, &Sli::time_per_output_token_below, k_key) == std::vector<double>{0.02});
  CHECK(thresholds(slos, &Sli::duration_below, k_key) == std::vector<double>{5});
}

TEST_CASE("thresholds are those of the SLOs that match the target") {
  const std::vector<Slo> slos{slo_of(&Sli::ttft_below, 1s, {.workload = "batch"}),
                              slo_of(&Sli::ttft_below, 2s, {.provider = "openai"})};
  CHECK(thresholds(slos, &Sli::ttft_below, k_key) == std::vector<double>{2});
  CHECK(thresholds(slos, &Sli::ttft_below, {"vllm", "m", "chat"}).empty());
}

TEST_CASE("an SLO of availability has no threshold") {
  const std::vector<Slo> slos{{.name = "slo", .objective = 95, .sli = {}, .match = {}}};
  for (const LatencyCondition& condition : k_latency_conditions) {
    CHECK(thresholds(slos, condition.threshold, k_key).empty());
  }
}

TEST_CASE("each condition of an SLO of several has its threshold") {
  Slo slo = slo_of(&Sli::ttft_below, 2s);
  slo.sli.duration_below = 10s;
  CHECK(thresholds({slo}, &Sli::ttft_below, k_key) == std::vector<double>{2});
  CHECK(thresholds({slo}, &Sli::duration_below, k_key) == std::vector<double>{10});
}

}  // namespace inferometer::config
