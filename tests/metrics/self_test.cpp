#include "metrics/self.hpp"

#include "measure/make_measurement.hpp"
#include "metrics/catalogue.hpp"
#include "metrics/families.hpp"
#include "metrics/machine.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

using namespace inferometer::metrics;
using inferometer::base::WallTime;
using inferometer::measure::make_success;
using inferometer::measure::Measurement;
using inferometer::measure::Outcome;
using inferometer::measure::StampSource;
using namespace std::chrono_literals;

TEST_CASE("build info names the version and the revision and the compiler") {
  const Families families = SelfMetrics().collect();
  CHECK(value(families, "inferometer_build_info") == 1);
  const Labels labels = labels_of(find_sample(families, "inferometer_build_info"));
  REQUIRE(labels.size() == 4);
  CHECK(labels[0].name == "branch");
  CHECK(labels[1].name == "compiler");
  CHECK(labels[2].name == "revision");
  for (const Label& label : labels) {
    CHECK_FALSE(label.value.empty());
  }
  CHECK(labels[3] == Label{"version", INFEROMETER_VERSION});
}

TEST_CASE("a failed reload keeps the time of the last good one") {
  SelfMetrics self;
  CHECK(value(self.collect(), "inferometer_config_last_reload_successful") == 0);
  CHECK_FALSE(
      find_family(self.collect(), "inferometer_config_last_reload_success_timestamp_seconds"));

  self.set_config_reload(true, WallTime(1'700'000'000s));
  self.set_config_reload(false, WallTime(1'700'000'099s));
  const Families failed = self.collect();
  CHECK(value(failed, "inferometer_config_last_reload_successful") == 0);
  CHECK(value(failed, "inferometer_config_last_reload_success_timestamp_seconds") == 1'700'000'000);

  self.set_config_reload(true, WallTime(1'700'000'200s));
  const Families good = self.collect();
  CHECK(value(good, "inferometer_config_last_reload_successful") == 1);
  CHECK(value(good, "inferometer_config_last_reload_success_timestamp_seconds") == 1'700'000'200);
}

TEST_CASE("our own delays go to the histogram that they belong to") {
  SelfMetrics self;
  CHECK_FALSE(find_family(self.collect(), "inferometer_schedule_lateness_seconds"));
  CHECK_FALSE(find_family(self.collect(), "inferometer_event_loop_lag_seconds"));
  self.observe(make_success());  // two milliseconds late
  self.observe_event_loop_lag(20ms);
  self.observe_event_loop_lag(30ms);
  const Families families = self.collect();
  const auto lateness = histogram(families, "inferometer_schedule_lateness_seconds");
  CHECK(lateness.count == 1);
  CHECK(lateness.sum == doctest::Approx(0.002));
  REQUIRE(lateness.exemplars.size() == 1);
  CHECK(lateness.exemplars.front().measurement == 0x0123456789abcdef);
  const auto lag = histogram(families, "inferometer_event_loop_lag_seconds");
  CHECK(lag.count == 2);
  CHECK(lag.sum == doctest::Approx(0.05));
}

TEST_CASE("the error bound of every TTFT is shown whatever became of the attempt") {
  SelfMetrics self;
  CHECK_FALSE(find_family(self.collect(), "inferometer_error_bound_seconds"));
  self.observe(make_success({}));  // no text, no TTFT
  CHECK_FALSE(find_family(self.collect(), "inferometer_error_bound_seconds"));
  self.observe(make_success());
  Measurement suspect = make_success();
  suspect.slacks.first_content = 20ms;
  suspect.suspect = true;
  self.observe(suspect);
  suspect.outcome = Outcome::truncated;
  self.observe(suspect);
  const auto error = histogram(self.collect(), "inferometer_error_bound_seconds");
  CHECK(error.count == 3);
  CHECK(error.sum == doctest::Approx(0.04));
}

TEST_CASE("an error of our own stamps is observed as it is") {
  SelfMetrics self;
  CHECK_FALSE(find_family(self.collect(), "inferometer_measurement_error_seconds"));
  self.observe_error(7us);
  const auto error = histogram(self.collect(), "inferometer_measurement_error_seconds");
  CHECK(error.count == 1);
  CHECK(error.sum == doctest::Approx(7e-6));
}

TEST_CASE("measurements with a response are counted by the source of their stamps") {
  SelfMetrics self;
  CHECK(value(self.collect(), "inferometer_stamps_total", "kernel") == 0);
  CHECK(value(self.collect(), "inferometer_stamps_total", "read") == 0);
  Measurement measurement = make_success();
  self.observe(measurement);  // no response was seen
  measurement.timeline.headers = measurement.timeline.first_byte;
  self.observe(measurement);
  measurement.connection.stamps = StampSource::kernel;
  self.observe(measurement);
  self.observe(measurement);
  CHECK(value(self.collect(), "inferometer_stamps_total", "kernel") == 2);
  CHECK(value(self.collect(), "inferometer_stamps_total", "read") == 1);
}

TEST_CASE("the web configuration shows once there is one, and its certificate with it") {
  SelfMetrics self;
  CHECK_FALSE(find_family(self.collect(), "inferometer_web_config_last_reload_successful"));
  self.set_web_config(true, std::nullopt);
  CHECK(value(self.collect(), "inferometer_web_config_last_reload_successful") == 1);
  CHECK_FALSE(find_family(self.collect(), "inferometer_web_certificate_expiry_timestamp_seconds"));
  self.set_web_config(false, std::chrono::sys_seconds(1'800'000'000s));
  CHECK(value(self.collect(), "inferometer_web_config_last_reload_successful") == 0);
  CHECK(value(self.collect(), "inferometer_web_certificate_expiry_timestamp_seconds") == 1.8e9);
}

TEST_CASE("web clients that were not let in are counted by why") {
  SelfMetrics self;
  CHECK(value(self.collect(), "inferometer_web_refused_total", "busy") == 0);
  self.count_web_refusal("busy");
  self.count_web_refusal("busy");
  CHECK(value(self.collect(), "inferometer_web_refused_total", "busy") == 2);
  CHECK(value(self.collect(), "inferometer_web_refused_total", "unauthorized") == 0);
}

TEST_CASE("the hash of the configuration is absent until it is known") {
  SelfMetrics self;
  CHECK(std::ranges::none_of(self.collect(), [](const Family& family) {
    return family.metric->name == "inferometer_config_hash";
  }));
  self.set_config_hash(std::uint64_t{1} << 63U);
  CHECK(value(self.collect(), "inferometer_config_hash") == 4503599627370496.0);  // 2^52
}

TEST_CASE("the families follow the catalogue") {
  const Machine machine("0::/a\n", k_unified);
  machine.write_v2("sys/fs/cgroup/a", 200, 30, 1'500'000);
  SelfMetrics self(machine.path());
  self.set_config_reload(true, WallTime(1s));
  self.set_config_hash(1);
  self.set_web_config(true, std::chrono::sys_seconds(1s));
  self.observe(make_success());
  self.observe_event_loop_lag(1ms);
  self.observe_error(1us);
  const Families families = self.collect();
  std::vector<const Metric*> expected;
  for (const Metric& metric : k_catalogue) {
    if (!metric.name.starts_with("llm_")) {
      expected.push_back(&metric);
    }
  }
  REQUIRE(families.size() == expected.size());
  for (std::size_t i = 0; i < families.size(); ++i) {
    CHECK(families[i].metric->name == expected[i]->name);
    const std::size_t samples = expected[i]->name == "inferometer_stamps_total"        ? 2
                                : expected[i]->name == "inferometer_web_refused_total" ? 4
                                                                                       : 1;
    REQUIRE(families[i].samples.size() == samples);
    CHECK(labels_of(families[i].samples.front()).size() == expected[i]->labels.size());
  }
}

TEST_CASE("the process uses some processor time and memory") {
  const Families families = SelfMetrics().collect();
  CHECK(value(families, "process_resident_memory_bytes") > 1e6);
  CHECK(value(families, "process_open_fds") >= 3);
  CHECK(value(families, "process_cpu_seconds_total") >= 0);
  CHECK(value(families, "process_start_time_seconds") > 1.6e9);
}

TEST_CASE("what a CPU quota did is shown, and nothing where no control group is visible") {
  const Machine throttled("0::/a\n", k_unified);
  throttled.write_v2("sys/fs/cgroup/a", 200, 30, 1'500'000);
  const Families families = SelfMetrics(throttled.path()).collect();
  CHECK(value(families, "inferometer_cpu_throttled_seconds_total") == 1.5);
  CHECK(value(families, "inferometer_cpu_throttled_periods_total") == 30);
  CHECK(value(families, "inferometer_cpu_periods_total") == 200);

  const Machine bare("0::/a\n", "");
  const Families none = SelfMetrics(bare.path()).collect();
  CHECK_FALSE(find_family(none, "inferometer_cpu_throttled_seconds_total"));
  CHECK_FALSE(find_family(none, "inferometer_cpu_throttled_periods_total"));
  CHECK_FALSE(find_family(none, "inferometer_cpu_periods_total"));
}
