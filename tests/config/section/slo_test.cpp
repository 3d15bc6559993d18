#include "config/section/slo.hpp"

#include <doctest/doctest.h>

using namespace std::chrono_literals;

namespace inferometer::config {
namespace {

const TargetKey k_key{"openai", "gpt-4o", "chat"};

Target slo_target(const TargetKey& key) {
  Target target;
  target.provider.name = key.provider;
  target.model.name = key.model;
  target.workload.name = key.workload;
  target.workload.output_tokens = 16;
  return target;
}

const Target k_target = slo_target(k_key);

using Condition = std::optional<Duration> Sli::*;

Slo slo_of(Condition condition, Duration threshold, SloMatch match = {}) {
  Slo slo{.name = "slo", .objective = 95, .sli = {}, .match = std::move(match)};
  slo.sli.*condition = threshold;
  return slo;
}

}  // namespace

TEST_CASE("a match without names takes in every target") {
  CHECK(matches({}, k_target));
}

TEST_CASE("a match takes in the targets that have all of its names") {
  CHECK(matches({.provider = "openai"}, k_target));
  CHECK(matches({.model = "gpt-4o"}, k_target));
  CHECK(matches({.workload = "chat"}, k_target));
  CHECK(matches({.provider = "openai", .model = "gpt-4o", .workload = "chat"}, k_target));
  CHECK_FALSE(matches({.provider = "open", .model = "gpt-4o", .workload = "chat"}, k_target));
  CHECK_FALSE(matches({.provider = "openai", .model = "gpt-4", .workload = "chat"}, k_target));
  CHECK_FALSE(matches({.provider = "openai", .model = "gpt-4o", .workload = "Chat"}, k_target));
  CHECK_FALSE(matches({.provider = ""}, k_target));
}

TEST_CASE("thresholds are in seconds, ascending and each once") {
  const std::vector<Slo> slos{slo_of(&Sli::ttft_below, 2s), slo_of(&Sli::ttft_below, 800ms),
                              slo_of(&Sli::ttft_below, 2000ms), slo_of(&Sli::ttft_below, 1ns)};
  CHECK(thresholds(slos, &Sli::ttft_below, k_target) == std::vector<double>{1e-9, 0.8, 2});
}

TEST_CASE("thresholds are those of the same condition") {
  const std::vector<Slo> slos{slo_of(&Sli::duration_below, 5s),
                              slo_of(&Sli::time_per_output_token_below, 20ms),
                              slo_of(&Sli::ttft_below, 1s)};
  CHECK(thresholds(slos, &Sli::ttft_below, k_target) == std::vector<double>{1});
  CHECK(thresholds(slos, &Sli::time_per_output_token_below, k_target) == std::vector<double>{0.02});
  CHECK(thresholds(slos, &Sli::duration_below, k_target) == std::vector<double>{5});
}

TEST_CASE("thresholds are those of the SLOs that match the target") {
  const std::vector<Slo> slos{slo_of(&Sli::ttft_below, 1s, {.workload = "batch"}),
                              slo_of(&Sli::ttft_below, 2s, {.provider = "openai"})};
  CHECK(thresholds(slos, &Sli::ttft_below, k_target) == std::vector<double>{2});
  CHECK(thresholds(slos, &Sli::ttft_below, slo_target({"vllm", "m", "chat"})).empty());
}

TEST_CASE("an SLO of availability has no threshold") {
  const std::vector<Slo> slos{{.name = "slo", .objective = 95, .sli = {}, .match = {}}};
  for (const LatencyCondition& condition : k_latency_conditions) {
    CHECK(thresholds(slos, condition.threshold, k_target).empty());
  }
}

TEST_CASE("each condition of an SLO of several has its threshold") {
  Slo slo = slo_of(&Sli::ttft_below, 2s);
  slo.sli.duration_below = 10s;
  CHECK(thresholds({slo}, &Sli::ttft_below, k_target) == std::vector<double>{2});
  CHECK(thresholds({slo}, &Sli::duration_below, k_target) == std::vector<double>{10});
}

TEST_CASE("an SLO applies to targets whose workload can show each of its conditions") {
  Target target = k_target;
  const Slo ttft = slo_of(&Sli::ttft_below, 1s);
  const Slo per_token = slo_of(&Sli::time_per_output_token_below, 1s);
  const Slo duration = slo_of(&Sli::duration_below, 1s);
  Slo speed = duration;
  speed.sli.output_tokens_per_second_above = 1;
  for (const Slo& slo : {ttft, per_token, duration, speed}) {
    CHECK(applies(slo, target));
  }
  target.workload.output_tokens = 1;
  CHECK(applies(ttft, target));
  CHECK_FALSE(applies(per_token, target));
  CHECK_FALSE(applies(speed, target));
  target.workload.output_tokens = 16;
  target.workload.stream = false;
  CHECK_FALSE(applies(ttft, target));
  CHECK_FALSE(applies(per_token, target));
  CHECK_FALSE(applies(speed, target));
  CHECK(applies(duration, target));
  CHECK(thresholds({ttft}, &Sli::ttft_below, target).empty());
}

}  // namespace inferometer::config
