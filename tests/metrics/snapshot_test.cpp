#include "metrics/snapshot.hpp"

#include <doctest/doctest.h>

using namespace inferometer::metrics;

namespace {

constexpr const Metric& k_ttft = metric("llm_probe_ttft_seconds");
constexpr const Metric& k_attempts = metric("llm_probe_attempts_total");
constexpr const Metric& k_success = metric("llm_probe_success");

bool selects(const char* name, const Metric& metric) {
  return Selection{.names = {name}}.includes(metric);
}

}  // namespace

TEST_CASE("a selection without names includes everything") {
  CHECK(Selection{}.includes(k_ttft));
  CHECK(Selection{}.includes(k_success));
}

TEST_CASE("a selection includes the families that it names and those of the samples it names") {
  CHECK(selects("llm_probe_ttft_seconds", k_ttft));
  CHECK(selects("llm_probe_ttft_seconds_bucket", k_ttft));
  CHECK(selects("llm_probe_ttft_seconds_count", k_ttft));
  CHECK(selects("llm_probe_ttft_seconds_sum", k_ttft));
  CHECK(selects("llm_probe_attempts_total", k_attempts));
  CHECK(selects("llm_probe_attempts", k_attempts));  // as OpenMetrics names the family
  CHECK(selects("llm_probe_success", k_success));
}

TEST_CASE("a selection includes a summary by its name and by those of its samples") {
  constexpr Metric k_some_summary{"s_seconds", MetricType::summary, {}, "Some summary."};
  CHECK(selects("s_seconds", k_some_summary));
  CHECK(selects("s_seconds_sum", k_some_summary));
  CHECK(selects("s_seconds_count", k_some_summary));
  CHECK_FALSE(selects("s_seconds_bucket", k_some_summary));
}

TEST_CASE("a selection includes nothing that only looks alike") {
  CHECK_FALSE(selects("llm_probe_ttft", k_ttft));
  CHECK_FALSE(selects("llm_probe_ttft_seconds_", k_ttft));
  CHECK_FALSE(selects("llm_probe_ttft_seconds_created", k_ttft));
  CHECK_FALSE(selects("llm_probe_attempts_tot", k_attempts));
  CHECK_FALSE(selects("llm_probe_attempts_total_sum", k_attempts));
  CHECK_FALSE(selects("llm_probe_success_count", k_success));
  CHECK_FALSE(selects("LLM_PROBE_SUCCESS", k_success));
  CHECK_FALSE(selects("", k_success));
}
