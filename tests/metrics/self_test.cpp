#include "metrics/self.hpp"

#include "metrics/catalogue.hpp"
#include "metrics/families.hpp"

#include <doctest/doctest.h>
#include <prometheus/metric_family.h>

#include <string>
#include <vector>

using namespace inferometer::metrics;
using inferometer::base::WallTime;
using namespace std::chrono_literals;

TEST_CASE("build info names the version and the compiler") {
  const auto info = find_sample(SelfMetrics().Collect(), "inferometer_build_info");
  CHECK(info.gauge.value == 1);
  REQUIRE(info.label.size() == 2);
  CHECK(info.label[0].name == "compiler");
  CHECK_FALSE(info.label[0].value.empty());
  CHECK(info.label[1].name == "version");
  CHECK(info.label[1].value == INFEROMETER_VERSION);
}

TEST_CASE("a failed reload keeps the time of the last good one") {
  SelfMetrics self;
  CHECK(gauge(self.Collect(), "inferometer_config_last_reload_successful") == 0);
  CHECK_FALSE(
      find_family(self.Collect(), "inferometer_config_last_reload_success_timestamp_seconds"));

  self.set_config_reload(true, WallTime(1'700'000'000s));
  self.set_config_reload(false, WallTime(1'700'000'099s));
  const Families failed = self.Collect();
  CHECK(gauge(failed, "inferometer_config_last_reload_successful") == 0);
  CHECK(gauge(failed, "inferometer_config_last_reload_success_timestamp_seconds") == 1'700'000'000);

  self.set_config_reload(true, WallTime(1'700'000'200s));
  const Families good = self.Collect();
  CHECK(gauge(good, "inferometer_config_last_reload_successful") == 1);
  CHECK(gauge(good, "inferometer_config_last_reload_success_timestamp_seconds") == 1'700'000'200);
}

TEST_CASE("our own delays go to the histogram that they belong to") {
  SelfMetrics self;
  CHECK_FALSE(find_family(self.Collect(), "inferometer_schedule_lateness_seconds"));
  CHECK_FALSE(find_family(self.Collect(), "inferometer_event_loop_lag_seconds"));
  self.observe_lateness(3ms);
  self.observe_event_loop_lag(20ms);
  self.observe_event_loop_lag(30ms);
  const Families families = self.Collect();
  const auto lateness = find_sample(families, "inferometer_schedule_lateness_seconds").histogram;
  CHECK(lateness.sample_count == 1);
  CHECK(lateness.sample_sum == doctest::Approx(0.003));
  const auto lag = find_sample(families, "inferometer_event_loop_lag_seconds").histogram;
  CHECK(lag.sample_count == 2);
  CHECK(lag.sample_sum == doctest::Approx(0.05));
}

TEST_CASE("the families follow the catalogue with its types and help") {
  SelfMetrics self;
  self.set_config_reload(true, WallTime(1s));
  self.observe_lateness(1ms);
  self.observe_event_loop_lag(1ms);
  const Families families = self.Collect();
  std::vector<const Metric*> expected;
  for (const Metric& metric : k_catalogue) {
    if (!metric.name.starts_with("llm_")) {
      expected.push_back(&metric);
    }
  }
  REQUIRE(families.size() == expected.size());
  for (std::size_t i = 0; i < families.size(); ++i) {
    CHECK(families[i].name == expected[i]->name);
    CHECK(families[i].help == expected[i]->help);
    CHECK(families[i].type == expected[i]->type);
    REQUIRE(families[i].metric.size() == 1);
    CHECK(families[i].metric.front().label.size() == expected[i]->labels.size());
  }
}

TEST_CASE("the process uses some processor time and memory") {
  const Families families = SelfMetrics().Collect();
  CHECK(gauge(families, "process_resident_memory_bytes") > 1e6);
  CHECK(gauge(families, "process_open_fds") >= 3);
  CHECK(counter(families, "process_cpu_seconds_total") >= 0);
  CHECK(gauge(families, "process_start_time_seconds") > 1.6e9);
}
