#include "measure/make_measurement.hpp"
#include "metrics/families.hpp"
#include "metrics/one_target.hpp"
#include "metrics/recorder.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace inferometer::metrics;
using namespace std::chrono_literals;
using inferometer::config::Slo;
using inferometer::measure::make_success;

namespace {

/// A ledger of the target that make_success() names, and a recorder that shows it.
struct WithSlos {
  explicit WithSlos(std::vector<Slo> slos) {
    auto config = std::make_shared<inferometer::config::Config>();
    inferometer::config::Target target;
    target.provider.name = k_target.provider;
    target.model.name = k_target.model;
    target.workload.name = k_target.workload;
    target.workload.output_tokens = 16;
    config->targets.push_back(target);
    config->slos = std::move(slos);
    ledger.apply(config);
    recorder.set_targets({{.key = k_target,
                           .labels = {{"team", "search"}},
                           .thresholds = {},
                           .allowance = nullptr,
                           .slos = ledger.find(k_target)}});
  }

  inferometer::slo::Ledger ledger;
  Recorder recorder;
};

const Slo k_up{.name = "up", .objective = 99.9, .sli = {}, .match = {}};
const Slo k_fast{.name = "fast \"1\"",
                 .objective = 95,
                 .sli = {.ttft_below = 800ms, .output_tokens_per_second_above = 1000},
                 .match = {}};

std::size_t series_of_slos(const Families& families) {
  std::size_t count = 0;
  for (const Family& family : families) {
    count += family.metric->name.starts_with("llm_probe_slo_") ? family.samples.size() : 0;
  }
  return count;
}

}  // namespace

TEST_CASE("an SLO's counters are at 0 and its objective and thresholds known from the start") {
  const WithSlos shown({k_up, k_fast});
  const Families families = shown.recorder.collect();
  for (const std::string name : {"up", "fast \"1\""}) {
    CHECK(value(families, "llm_probe_slo_events_total", name) == 0);
    CHECK(value(families, "llm_probe_slo_bad_events_total", name) == 0);
    CHECK(value(families, "llm_probe_slo_not_judged_total", name) == 0);
  }
  CHECK(value(families, "llm_probe_slo_objective_ratio", "up") == doctest::Approx(0.999));
  CHECK(value(families, "llm_probe_slo_threshold_seconds", "ttft_below") == 0.8);
  CHECK(value(families, "llm_probe_slo_threshold_tokens_per_second") == 1000);
}

TEST_CASE("events are the good and the bad ones together") {
  const WithSlos shown({k_up, k_fast});
  shown.ledger.find(k_target)->record(make_success());
  const Families families = shown.recorder.collect();
  CHECK(value(families, "llm_probe_slo_events_total", "up") == 1);
  CHECK(value(families, "llm_probe_slo_bad_events_total", "up") == 0);
  CHECK(value(families, "llm_probe_slo_events_total", "fast \"1\"") == 1);
  CHECK(value(families, "llm_probe_slo_bad_events_total", "fast \"1\"") == 1);
}

TEST_CASE("an SLO's series have its target's labels and its name") {
  const WithSlos shown({k_fast});
  const Labels expected{{"provider", "openai"},
                        {"model", "gpt-4o"},
                        {"workload", "chat-short"},
                        {"team", "search"},
                        {"slo", "fast \"1\""}};
  CHECK(labels_of(find_sample(shown.recorder.collect(), "llm_probe_slo_events_total")) == expected);
  Labels of_threshold = expected;
  of_threshold.push_back({"sli", "ttft_below"});
  CHECK(labels_of(find_sample(shown.recorder.collect(), "llm_probe_slo_threshold_seconds")) ==
        of_threshold);
}

TEST_CASE("an SLO costs four series and one for each threshold") {
  CHECK(series_of_slos(WithSlos({}).recorder.collect()) == 0);
  CHECK(series_of_slos(WithSlos({k_up}).recorder.collect()) == 4);
  CHECK(series_of_slos(WithSlos({k_fast}).recorder.collect()) == 6);
}
