#include "measure/make_measurement.hpp"
#include "metrics/families.hpp"
#include "metrics/one_target.hpp"
#include "metrics/recorder.hpp"

#include <doctest/doctest.h>

#include <string>
#include <thread>
#include <vector>

using namespace inferometer::metrics;
using inferometer::measure::make_success;
using inferometer::measure::Measurement;

TEST_CASE_FIXTURE(OneTarget, "the end of an attempt from before a removal leaves in flight at 0") {
  begin(recorder, k_target);
  recorder.set_targets({});
  recorder.set_targets(plans({k_target}));
  abandon(recorder, k_target);
  CHECK(value(recorder.collect(), "llm_probe_in_flight") == 0);
}

TEST_CASE_FIXTURE(OneTarget, "the series of a removed target vanish at once and kept ones stay") {
  recorder.set_targets(plans({k_target, k_other}));
  record(recorder, make_success());
  recorder.set_targets(plans({k_target}));
  Measurement late = make_success();
  late.target = k_other;
  record(recorder, late);
  begin(recorder, k_other);
  abandon(recorder, k_other);
  const Families families = recorder.collect();
  CHECK(value(families, "llm_probe_attempts_total") == 1);
  for (const auto& family : families) {
    for (const auto& sample : family.samples) {
      CHECK(labels_of(sample).front().value == "openai");
    }
  }
  recorder.set_targets({});
  CHECK(recorder.collect().empty());
}

TEST_CASE("a model's hold is one series however many workloads ask it, and goes with the hold") {
  inferometer::config::TargetKey other = k_target;
  other.workload = "another";
  const auto held = make_held();
  Recorder recorder;
  recorder.set_targets({{.key = k_target, .thresholds = {}, .allowance = held},
                        {.key = other, .thresholds = {}, .allowance = held}});
  CHECK(value(recorder.collect(), "llm_probe_held_until_timestamp_seconds") ==
        inferometer::base::unix_seconds(*held->held_until()));
  recorder.set_targets(plans({k_target, other}));
  CHECK(find_family(recorder.collect(), "llm_probe_held_until_timestamp_seconds") == nullptr);
}

TEST_CASE("what a provider is labelled with stands on all series of its targets") {
  Recorder recorder;
  std::vector<SeriesPlan> labelled = plans({k_target});
  labelled[0].labels = {{"region", "eu"}, {"team", "search"}};
  labelled[0].allowance = make_held();
  recorder.set_targets(labelled);
  record(recorder, make_full());
  for (const Family& family : recorder.collect()) {
    for (const Sample& sample : family.samples) {
      const auto& labels = *sample.labels;
      REQUIRE(labels.size() >= 4);
      CHECK(labels[labels.size() - 2] == Label{"region", "eu"});
      CHECK(labels.back() == Label{"team", "search"});
    }
  }
  labelled[0].labels = {{"region", "us"}};
  recorder.set_targets(labelled);  // the names of the labels before are gone
  const Families families = recorder.collect();
  const auto* const attempts = find_family(families, "llm_probe_attempts_total");
  REQUIRE(attempts);
  CHECK(attempts->samples[0].labels->back() == Label{"region", "us"});
  CHECK(value(families, "llm_probe_attempts_total") == 1);
}

TEST_CASE("recording and reading and reloading go on at the same time") {
  constexpr int k_runs = 2000;
  Recorder recorder;
  recorder.set_targets(plans({k_target}));
  std::vector<std::thread> threads;
  threads.reserve(2);
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&recorder] {
      for (int n = 0; n < k_runs; ++n) {
        begin(recorder, k_target);
        record(recorder, make_full());
      }
    });
  }
  for (int i = 0; i < 50; ++i) {
    recorder.set_targets(i % 2 == 0 ? plans({k_target, k_other}) : plans({k_target}));
    CHECK_FALSE(recorder.collect().empty());
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  const Families families = recorder.collect();
  CHECK(value(families, "llm_probe_attempts_total") == 2 * k_runs);
  CHECK(histogram(families, "llm_probe_ttft_seconds").count == 2 * k_runs);
  CHECK(value(families, "llm_probe_in_flight") == 0);
}
