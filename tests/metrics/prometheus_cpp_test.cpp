#include "metrics/prometheus_cpp.hpp"

#include "metrics/catalogue.hpp"
#include "metrics/families.hpp"

#include <doctest/doctest.h>
#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <limits>
#include <string>

using namespace inferometer::metrics;

namespace {

constexpr const char* k_gauge_name = "process_open_fds";
constexpr const char* k_counter_name = "inferometer_stamps_total";

prometheus::Family<prometheus::Counter>& add_counter(prometheus::Registry& registry) {
  return prometheus::BuildCounter().Name(k_counter_name).Help("-").Register(registry);
}

}  // namespace

TEST_CASE("a registry's gauges and counters become families of the catalogue") {
  prometheus::Registry registry;
  prometheus::BuildGauge().Name(k_gauge_name).Help("-").Register(registry).Add({}).Set(-2.5e-9);
  add_counter(registry).Add({{"source", "kernel"}}).Increment(3);
  const Families families = read_families(registry, {});
  REQUIRE(families.size() == 2);
  CHECK(find_family(families, k_gauge_name)->metric == &metric("process_open_fds"));
  CHECK(find_sample(families, k_gauge_name).labels == nullptr);
  CHECK(value(families, k_gauge_name) == -2.5e-9);
  CHECK(value(families, k_counter_name) == 3);
  CHECK(labels_of(find_sample(families, k_counter_name)) == Labels{{"source", "kernel"}});
}

TEST_CASE("a registry's samples are in the order of their labels") {
  prometheus::Registry registry;
  auto& family = add_counter(registry);
  for (const char* const source : {"read", "a", "kernel", "z", "b"}) {
    family.Add({{"source", source}});
  }
  const Families families = read_families(registry, {});
  REQUIRE(families.size() == 1);
  std::string order;
  for (const Sample& sample : families.front().samples) {
    order += labels_of(sample).front().value + ' ';
  }
  CHECK(order == "a b kernel read z ");
}

TEST_CASE("a registry's counters count since the time given and its gauges since none") {
  prometheus::Registry registry;
  prometheus::BuildGauge().Name(k_gauge_name).Help("-").Register(registry).Add({});
  add_counter(registry).Add({{"source", "read"}});
  const Families with = read_families(registry, {}, 1'700'000'000.5);
  CHECK(find_sample(with, k_counter_name).created == 1'700'000'000.5);
  CHECK_FALSE(find_sample(with, k_gauge_name).created);
  CHECK_FALSE(find_sample(read_families(registry, {}), k_counter_name).created);
}

TEST_CASE("of a registry only what is asked for and in the catalogue is read") {
  prometheus::Registry registry;
  prometheus::BuildGauge().Name(k_gauge_name).Help("-").Register(registry).Add({});
  prometheus::BuildGauge().Name("process_max_fds").Help("-").Register(registry).Add({});
  prometheus::BuildGauge().Name("somebody_elses").Help("-").Register(registry).Add({});
  prometheus::BuildGauge().Name("process_start_time_seconds").Help("-").Register(registry);
  CHECK(read_families(registry, {}).size() == 2);
  const Families one = read_families(registry, {.names = {k_gauge_name}});
  REQUIRE(one.size() == 1);
  CHECK(one.front().metric->name == k_gauge_name);
}

TEST_CASE("a family for prometheus-cpp is described as the catalogue describes it") {
  const Metric& counter = metric("inferometer_cpu_periods_total");
  const prometheus::MetricFamily family = make_metric_family(counter);
  CHECK(family.name == counter.name);
  CHECK(family.help == counter.help);
  CHECK(family.type == prometheus::MetricType::Counter);
  CHECK(family.metric.empty());
  CHECK(make_metric_family(metric("process_open_fds")).type == prometheus::MetricType::Gauge);
  CHECK(make_metric_family(metric("llm_probe_ttft_seconds")).type ==
        prometheus::MetricType::Histogram);
  CHECK(make_metric_family(metric("llm_server_ttft_seconds")).type ==
        prometheus::MetricType::Summary);
}

TEST_CASE("a sample for prometheus-cpp has its value where its type has it") {
  const double infinite = std::numeric_limits<double>::infinity();
  CHECK(make_client_metric(MetricType::counter, 0.1).counter.value == 0.1);
  CHECK(make_client_metric(MetricType::gauge, infinite).gauge.value == infinite);
}
