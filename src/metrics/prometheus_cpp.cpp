#include "metrics/prometheus_cpp.hpp"

#include <string>

namespace inferometer::metrics {
namespace {

prometheus::MetricType to_type(MetricType type) {
  switch (type) {
    case MetricType::counter:
      return prometheus::MetricType::Counter;
    case MetricType::gauge:
      return prometheus::MetricType::Gauge;
    case MetricType::histogram:
      return prometheus::MetricType::Histogram;
    case MetricType::summary:
      return prometheus::MetricType::Summary;
  }
  return prometheus::MetricType::Untyped;
}

}  // namespace

prometheus::MetricFamily make_metric_family(const Metric& metric) {
  return {.name = std::string(metric.name),
          .help = std::string(metric.help),
          .type = to_type(metric.type),
          .metric = {}};
}

prometheus::ClientMetric make_client_metric(MetricType type, double value) {
  prometheus::ClientMetric sample;
  (type == MetricType::counter ? sample.counter.value : sample.gauge.value) = value;
  return sample;
}

}  // namespace inferometer::metrics
