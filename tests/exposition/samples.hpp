#pragma once

#include "metrics/snapshot.hpp"

#include <cstdint>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

/// Families for the tests of exposition, in few words.
namespace inferometer::exposition {

inline constexpr double k_infinity = std::numeric_limits<double>::infinity();

inline constexpr metrics::Metric k_some_counter{
    "c_total", metrics::MetricType::counter, {}, "Some counter."};
inline constexpr metrics::Metric k_some_gauge{"g", metrics::MetricType::gauge, {}, "Some gauge."};
inline constexpr metrics::Metric k_some_histogram{
    "h_seconds", metrics::MetricType::histogram, {}, "Some histogram."};

inline constexpr metrics::Metric k_some_summary{
    "s_seconds", metrics::MetricType::summary, {}, "Some summary."};

inline metrics::Sample sample(double value, metrics::Labels labels = {}) {
  return {.labels = std::make_shared<const metrics::Labels>(std::move(labels)), .value = value};
}

inline metrics::Sample sample(metrics::HistogramSample value, metrics::Labels labels = {}) {
  return {.labels = std::make_shared<const metrics::Labels>(std::move(labels)),
          .value = std::move(value)};
}

inline metrics::Sample sample(metrics::SummarySample value, metrics::Labels labels = {}) {
  return {.labels = std::make_shared<const metrics::Labels>(std::move(labels)), .value = value};
}

/// With a bucket to +Inf that has the whole count.
inline metrics::HistogramSample histogram(std::vector<metrics::Bucket> buckets, double sum,
                                          std::uint64_t count) {
  buckets.push_back({k_infinity, count});
  return {.count = count, .sum = sum, .buckets = std::move(buckets), .native = {}, .exemplars = {}};
}

/// A page with all that there can be: classic and native histograms, exemplars, empty ones,
/// counters, gauges and summaries with and without labels.
inline metrics::Families full_page() {
  const metrics::Labels labels{{"provider", "openai"}, {"model", "gpt-4o"}};
  metrics::HistogramSample both = histogram({{0.1, 2}, {1, 5}, {2.5, 5}}, 7.25, 9);
  both.native = metrics::NativeBuckets{.schema = 3,
                                       .zero_threshold = 0x1p-20,
                                       .zero_count = 1,
                                       .counts = {{-30, 1}, {-1, 4}, {12, 3}}};
  both.exemplars = {
      {10, 0.09, 1'700'000'000.5}, {11, 0.75, 1'700'000'001}, {12, 30, 1'700'000'002}};
  metrics::HistogramSample empty = histogram({{0.1, 0}, {1, 0}, {2.5, 0}}, 0, 0);
  empty.native = metrics::NativeBuckets{.schema = 3, .zero_threshold = 0x1p-20};
  metrics::Sample counter = sample(1e17, labels);
  counter.last_label = metrics::Label{"reason", "dns_error"};
  counter.created = 1'699'999'999.125;
  return {{&k_some_histogram, {sample(both, labels), sample(empty)}},
          {&k_some_counter, {counter, sample(0.1)}},
          {&k_some_gauge, {sample(-2.5e-9), sample(k_infinity, {{"model", "a"}})}},
          {&k_some_summary,
           {sample(metrics::SummarySample{.count = 1ULL << 53U, .sum = 0.1}, labels),
            sample(metrics::SummarySample{})}}};
}

}  // namespace inferometer::exposition
