#include "config/section/slo.hpp"

#include <doctest/doctest.h>

using namespace std::chrono_literals;

namespace inferometer::config {
namespace {

const TargetKey k_key{"openai", "gpt-4o", "chat"};

Slo slo_of(SliKind kind, Duration threshold, SloMatch match = {}) {
  return {.name = "slo",
          .objective = 95,
          .sli = {.kind = kind, .threshold = threshold},
          .match = std::move(match)};
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
  const std::vector<Slo> slos{slo_of(SliKind::ttft_below, 2s), slo_of(SliKind::ttft_below, 800ms),
                              slo_of(SliKind::ttft_below, 2000ms),
                              slo_of(SliKind::ttft_below, 1ns)};
  CHECK(thresholds(slos, SliKind::ttft_below, k_key) == std::vector<double>{1e-9, 0.8, 2});
}

TEST_CASE("thresholds are those of the same kind") {
  const std::vector<Slo> slos{slo_of(SliKind::duration_below, 5s),
                              slo_of(SliKind::time_per_output_token_below, 20ms),
                              slo_of(SliKind::ttft_below, 1s)};
  CHECK(thresholds(slos, SliKind::ttft_below, k_key) == std::vector<double>{1});
  CHECK(thresholds(slos, SliKind::time_per_output_token_below, k_key) == std::vector<double>{0.02});
  CHECK(thresholds(slos, SliKind::duration_below, k_key) == std::vector<double>{5});
}

TEST_CASE("thresholds are those of the SLOs that match the target") {
  const std::vector<Slo> slos{slo_of(SliKind::ttft_below, 1s, {.workload = "batch"}),
                              slo_of(SliKind::ttft_below, 2s, {.provider = "openai"})};
  CHECK(thresholds(slos, SliKind::ttft_below, k_key) == std::vector<double>{2});
  CHECK(thresholds(slos, SliKind::ttft_below, {"vllm", "m", "chat"}).empty());
}

TEST_CASE("availability has no threshold") {
  CHECK(thresholds({slo_of(SliKind::availability, 0s)}, SliKind::availability, k_key).empty());
}

}  // namespace inferometer::config
