#include "scrape/peer.hpp"

#include <prometheus/text_serializer.h>

namespace inferometer::scrape_cost {
namespace {

prometheus::MetricType to_type(metrics::MetricType type) {
  switch (type) {
    case metrics::MetricType::counter:
      return prometheus::MetricType::Counter;
    case metrics::MetricType::gauge:
      return prometheus::MetricType::Gauge;
    case metrics::MetricType::histogram:
      return prometheus::MetricType::Histogram;
    case metrics::MetricType::summary:
      return prometheus::MetricType::Summary;
  }
  return prometheus::MetricType::Untyped;
}

prometheus::ClientMetric to_metric(const metrics::Sample& sample) {
  prometheus::ClientMetric metric;
  const auto add_label = [&metric](const metrics::Label& label) {
    metric.label.push_back({std::string(label.name), label.value});
  };
  if (sample.labels != nullptr) {
    for (const metrics::Label& label : *sample.labels) {
      add_label(label);
    }
  }
  if (sample.last_label) {
    add_label(*sample.last_label);
  }
  if (const auto* const histogram = std::get_if<metrics::HistogramSample>(&sample.value)) {
    metric.histogram.sample_count = histogram->count;
    metric.histogram.sample_sum = histogram->sum;
    for (const metrics::Bucket& bucket : histogram->buckets) {
      metric.histogram.bucket.push_back({bucket.cumulative_count, bucket.upper_bound});
    }
  } else if (const auto* const summary = std::get_if<metrics::SummarySample>(&sample.value)) {
    metric.summary.sample_count = summary->count;
    metric.summary.sample_sum = summary->sum;
  } else {
    metric.counter.value = std::get<double>(sample.value);
    metric.gauge.value = std::get<double>(sample.value);
  }
  return metric;
}

}  // namespace

std::vector<prometheus::MetricFamily> to_prometheus_cpp(const metrics::Families& families) {
  std::vector<prometheus::MetricFamily> result;
  for (const metrics::Family& family : families) {
    prometheus::MetricFamily& to = result.emplace_back();
    to.name = family.metric->name;
    to.help = family.metric->help;
    to.type = to_type(family.metric->type);
    for (const metrics::Sample& sample : family.samples) {
      to.metric.push_back(to_metric(sample));
    }
  }
  return result;
}

std::string serialize(const std::vector<prometheus::MetricFamily>& families) {
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace inferometer::scrape_cost
