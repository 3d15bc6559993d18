#include "metrics/prometheus_cpp.hpp"

#include "metrics/catalogue.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace inferometer::metrics;

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
