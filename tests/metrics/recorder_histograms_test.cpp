#include "fakes/fake_clock.hpp"
#include "measure/make_measurement.hpp"
#include "metrics/families.hpp"
#include "metrics/one_target.hpp"
#include "metrics/recorder.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace inferometer::metrics;
using inferometer::measure::make_success;
using inferometer::measure::Measurement;
using namespace std::chrono_literals;

TEST_CASE_FIXTURE(OneTarget, "an exemplar names the measurement and the end of its attempt") {
  Measurement measurement = make_success();
  measurement.id = "00c0ffee00c0ffee";
  record(recorder, measurement);
  const HistogramSample ttft = histogram(recorder.collect(), "llm_probe_ttft_seconds");
  REQUIRE(ttft.exemplars.size() == 1);
  CHECK(ttft.exemplars.front().measurement == 0x00c0ffee00c0ffee);
  CHECK(ttft.exemplars.front().value == doctest::Approx(0.2));
  CHECK(ttft.exemplars.front().unix_seconds == 1'700'000'002);
  CHECK_FALSE(
      histogram(recorder.collect(), "llm_probe_inter_token_latency_seconds").exemplars.empty());
}

TEST_CASE_FIXTURE(OneTarget, "a measurement whose id is no number gives no exemplar") {
  for (const char* const id : {"", "no hex", "12345678901234567"}) {
    Measurement measurement = make_success();
    measurement.id = id;
    record(recorder, measurement);
  }
  const HistogramSample ttft = histogram(recorder.collect(), "llm_probe_ttft_seconds");
  CHECK(ttft.count == 3);
  CHECK(ttft.exemplars.empty());
}

TEST_CASE("the thresholds of SLOs are edges of the histograms that they are about") {
  Recorder recorder;
  recorder.set_targets(
      {{.key = k_target,
        .thresholds = {.ttft = {0.8}, .time_per_output_token = {0.025}, .duration = {0.4, 9.5}}}});
  record(recorder, make_success());
  const Families families = recorder.collect();
  const auto has_edge = [&families](const char* name, double edge) {
    const HistogramSample sample = histogram(families, name);
    return std::ranges::any_of(sample.buckets,
                               [edge](const Bucket& bucket) { return bucket.upper_bound == edge; });
  };
  CHECK(has_edge("llm_probe_ttft_seconds", 0.8));
  CHECK(has_edge("llm_probe_time_per_output_token_seconds", 0.025));
  CHECK(has_edge("llm_probe_duration_seconds", 0.4));
  CHECK(has_edge("llm_probe_duration_seconds", 9.5));
  CHECK_FALSE(has_edge("llm_probe_duration_seconds", 0.8));
}

TEST_CASE_FIXTURE(OneTarget, "a new threshold starts its histogram anew and leaves all others") {
  begin(recorder, k_target);
  record(recorder, make_success());
  begin(recorder, k_target);
  recorder.set_targets({{.key = k_target, .thresholds = {.ttft = {0.8}}}});
  Families families = recorder.collect();
  CHECK_FALSE(histogram_names(families).contains("llm_probe_ttft_seconds"));
  CHECK(histogram(families, "llm_probe_duration_seconds").count == 1);
  CHECK(value(families, "llm_probe_attempts_total") == 1);
  CHECK(value(families, "llm_probe_in_flight") == 1);
  record(recorder, make_success());
  families = recorder.collect();
  CHECK(histogram(families, "llm_probe_ttft_seconds").count == 1);
  CHECK(histogram(families, "llm_probe_duration_seconds").count == 2);
  CHECK(value(families, "llm_probe_in_flight") == 0);
}

TEST_CASE_FIXTURE(OneTarget, "another native schema starts the histograms anew") {
  record(recorder, make_success());
  CHECK(histogram(recorder.collect(), "llm_probe_ttft_seconds").native->schema == 3);
  recorder.set_targets(plans({k_target}), k_fine_native_schema);
  CHECK_FALSE(histogram_names(recorder.collect()).contains("llm_probe_ttft_seconds"));
  record(recorder, make_success());
  const HistogramSample ttft = histogram(recorder.collect(), "llm_probe_ttft_seconds");
  CHECK(ttft.count == 1);
  CHECK(ttft.native->schema == 5);
}

TEST_CASE("series tell when they began, and kept ones still tell it after a reload") {
  inferometer::fakes::FakeClock clock;
  Recorder recorder(clock);
  recorder.set_targets(plans({k_target}));
  record(recorder, make_success());
  const auto created = [&recorder](const char* name, const char* label = "") {
    return find_sample(recorder.collect(), name, label).created.value_or(-1);
  };
  const double began = inferometer::base::unix_seconds(clock.wall_now());
  clock.advance(60s);
  recorder.set_targets(plans({k_target}), k_fine_native_schema);
  record(recorder, make_success());
  CHECK(created("llm_probe_attempts_total") == began);
  CHECK(created("llm_probe_tokens_total", "input") == began);
  CHECK(created("llm_probe_ttft_seconds") == began + 60);
  CHECK_FALSE(find_sample(recorder.collect(), "llm_probe_in_flight").created);
}

TEST_CASE_FIXTURE(OneTarget, "only the families that are asked for are collected") {
  record(recorder, make_full());
  const Families families =
      recorder.collect({.names = {"llm_probe_ttft_seconds", "llm_probe_attempts", "unknown"}});
  REQUIRE(families.size() == 2);
  CHECK(families[0].metric->name == "llm_probe_ttft_seconds");
  CHECK(families[1].metric->name == "llm_probe_attempts_total");
}

TEST_CASE_FIXTURE(OneTarget, "one probe without classic buckets costs at most 80 series") {
  record(recorder, make_full());
  std::size_t series = 0;
  for (const Family& family : recorder.collect({.names = {}, .classic = false, .native = true})) {
    series += family.samples.size();  // a native histogram is one series
  }
  CHECK(series <= 80);
  CHECK(series == 68);  // as docs/metrics.md says
}
