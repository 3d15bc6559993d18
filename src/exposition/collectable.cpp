#include "exposition/collectable.hpp"

#include "exposition/sample.hpp"
#include "metrics/prometheus_cpp.hpp"

#include <string>
#include <utility>
#include <variant>

namespace inferometer::exposition {
namespace {

using metrics::HistogramSample;
using metrics::SummarySample;

/// The value of a sample, with no labels yet.
class ToClientMetric {
 public:
  explicit ToClientMetric(metrics::MetricType type) : m_type(type) {}

  prometheus::ClientMetric operator()(double value) const {
    return metrics::make_client_metric(m_type, value);
  }

  prometheus::ClientMetric operator()(const HistogramSample& histogram) const {
    prometheus::ClientMetric to;
    to.histogram.sample_count = histogram.count;
    to.histogram.sample_sum = histogram.sum;
    to.histogram.bucket.reserve(histogram.buckets.size());
    for (const metrics::Bucket& bucket : histogram.buckets) {
      to.histogram.bucket.push_back({bucket.cumulative_count, bucket.upper_bound});
    }
    return to;
  }

  prometheus::ClientMetric operator()(const SummarySample& summary) const {
    prometheus::ClientMetric to;
    to.summary.sample_count = summary.count;
    to.summary.sample_sum = summary.sum;
    return to;
  }

 private:
  metrics::MetricType m_type;
};

class FamilyCollectable : public prometheus::Collectable {
 public:
  explicit FamilyCollectable(std::function<metrics::Families()> collect)
      : m_collect(std::move(collect)) {}

  [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override {
    return to_metric_families(m_collect());
  }

 private:
  const std::function<metrics::Families()> m_collect;
};

}  // namespace

std::vector<prometheus::MetricFamily> to_metric_families(const metrics::Families& families) {
  std::vector<prometheus::MetricFamily> all;
  for (const metrics::Family& family : families) {
    if (family.samples.empty()) {
      continue;
    }
    prometheus::MetricFamily& to = all.emplace_back(metrics::make_metric_family(*family.metric));
    to.metric.reserve(family.samples.size());
    for (const metrics::Sample& sample : family.samples) {
      prometheus::ClientMetric& metric =
          to.metric.emplace_back(std::visit(ToClientMetric(family.metric->type), sample.value));
      for_each_label(sample, [&metric](const metrics::Label& label) {
        metric.label.push_back({std::string(label.name), label.value});
      });
    }
  }
  return all;
}

std::shared_ptr<prometheus::Collectable> make_collectable(
    std::function<metrics::Families()> collect) {
  return std::make_shared<FamilyCollectable>(std::move(collect));
}

}  // namespace inferometer::exposition
