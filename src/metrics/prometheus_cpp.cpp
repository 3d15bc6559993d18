#include "metrics/prometheus_cpp.hpp"

#include "metrics/catalogue.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <memory>
#include <string>
#include <utility>

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

/// Null if there are none. The names are the catalogue's own, which alone live long enough.
std::shared_ptr<const Labels> read_labels(const prometheus::ClientMetric& sample,
                                          const Metric& metric) {
  if (sample.label.empty()) {
    return nullptr;
  }
  Labels labels;
  for (const prometheus::ClientMetric::Label& label : sample.label) {
    labels.push_back({.name = *std::ranges::find(metric.labels, label.name), .value = label.value});
  }
  return std::make_shared<const Labels>(std::move(labels));
}

Family read_family(prometheus::MetricFamily from, const Metric& metric,
                   std::optional<double> created) {
  // They come in the order of a hash.
  std::ranges::sort(from.metric, std::less<>(), &prometheus::ClientMetric::label);
  const bool is_counter = metric.type == MetricType::counter;
  Family family{.metric = &metric, .samples = {}};
  for (const prometheus::ClientMetric& sample : from.metric) {
    family.samples.push_back({.labels = read_labels(sample, metric),
                              .last_label = std::nullopt,
                              .value = is_counter ? sample.counter.value : sample.gauge.value,
                              .created = is_counter ? created : std::nullopt});
  }
  return family;
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

Families read_families(const prometheus::Collectable& source, const Selection& selection,
                       std::optional<double> created) {
  Families families;
  for (prometheus::MetricFamily& from : source.Collect()) {
    const auto* const metric = std::ranges::find(k_catalogue, from.name, &Metric::name);
    if (metric != std::end(k_catalogue) && selection.includes(*metric)) {
      families.push_back(read_family(std::move(from), *metric, created));
    }
  }
  return families;
}

}  // namespace inferometer::metrics
