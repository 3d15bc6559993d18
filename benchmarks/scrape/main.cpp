// What a scrape costs, in each format and beside prometheus-cpp's own serializer, and what an
// observation costs. The bars are those of the design: 10 ms at 10,000 series, 100 ms at 100,000,
// 50 ns an observation.

#include "exposition/collectable.hpp"
#include "exposition/format.hpp"
#include "http/gzip.hpp"
#include "metrics/catalogue.hpp"
#include "metrics/histogram/histogram.hpp"
#include "metrics/self.hpp"
#include "scrape/registry.hpp"

#include <fmt/format.h>
#include <prometheus/histogram.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace inferometer::scrape_cost {
namespace {

using Clock = std::chrono::steady_clock;

/// The median of several runs in milliseconds; the machine does other things as well.
double median_ms(const std::function<void()>& run) {
  constexpr std::size_t k_runs = 9;
  std::vector<double> times;
  for (std::size_t i = 0; i < k_runs; ++i) {
    const auto begin = Clock::now();
    run();
    times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
  }
  std::ranges::nth_element(times, times.begin() + k_runs / 2);
  return times[k_runs / 2];
}

std::size_t count_series(const metrics::Families& families) {
  const std::string text = exposition::write(families, exposition::Format::text);
  std::size_t series = 0;
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
    series += text[at] != '#' ? 1U : 0U;
  }
  return series;
}

struct Cost {
  std::string name;
  double collect_ms = 0;
  double write_ms = 0;
  double gzip_ms = 0;
  std::size_t bytes = 0;
  std::size_t gzip_bytes = 0;
};

Cost measure_format(std::string name, double collect_ms,
                    const std::function<std::string()>& write) {
  Cost cost{.name = std::move(name), .collect_ms = collect_ms};
  std::string body;
  cost.write_ms = median_ms([&] { body = write(); });
  cost.bytes = body.size();
  std::string compressed;
  cost.gzip_ms = median_ms([&] { compressed = http::gzip(body); });
  cost.gzip_bytes = compressed.size();
  return cost;
}

void print(std::size_t series, const Cost& cost) {
  fmt::print("{:>9}  {:<14} {:>9.3f} {:>9.3f} {:>9.3f} {:>9.3f} {:>12} {:>11}\n", series, cost.name,
             cost.collect_ms, cost.write_ms, cost.gzip_ms,
             cost.collect_ms + cost.write_ms + cost.gzip_ms, cost.bytes, cost.gzip_bytes);
}

/// One size; returns the worst of our formats, as a whole scrape in milliseconds.
double measure_size(std::size_t targets, const metrics::Selection& selection) {
  const auto registry = make_registry(targets);
  metrics::Families families;
  const double collect_ms = median_ms([&] { families = registry->collect(selection); });
  const std::size_t series = count_series(families);
  double worst = 0;
  for (const auto& [format, name] : {std::pair{exposition::Format::text, "text"},
                                     std::pair{exposition::Format::openmetrics, "openmetrics"},
                                     std::pair{exposition::Format::protobuf, "protobuf"}}) {
    const Cost cost = measure_format(
        name, collect_ms, [&, format = format] { return exposition::write(families, format); });
    print(series, cost);
    worst = std::max(worst, cost.collect_ms + cost.write_ms + cost.gzip_ms);
  }
  const auto theirs = exposition::to_metric_families(families);
  print(series, measure_format("prometheus-cpp", 0,
                               [&] { return prometheus::TextSerializer().Serialize(theirs); }));
  return worst;
}

template <typename Observe>
double nanoseconds_each(const std::vector<double>& values, const Observe& observe) {
  constexpr int k_passes = 20;
  const double ms = median_ms([&] {
    for (int pass = 0; pass < k_passes; ++pass) {
      for (const double value : values) {
        observe(value);
      }
    }
  });
  return ms * 1e6 / (k_passes * static_cast<double>(values.size()));
}

double measure_observations() {
  std::mt19937_64 engine(1);
  std::lognormal_distribution<double> distribution(-1, 1);
  std::vector<double> values(1U << 15U);
  std::ranges::generate(values, [&] { return distribution(engine); });
  const std::vector<double> edges(metrics::k_ttft_edges.begin(), metrics::k_ttft_edges.end());

  double worst = 0;
  for (const int schema : {metrics::k_default_native_schema, metrics::k_fine_native_schema}) {
    metrics::Histogram histogram(std::make_shared<const metrics::HistogramLayout>(edges, schema),
                                 {});
    const double ns = nanoseconds_each(values, [&histogram](double value) {
      histogram.observe(value, metrics::ExemplarSource{.measurement = 1, .unix_seconds = 1});
    });
    fmt::print("classic and native (schema {}), with exemplar {:>9.1f} ns\n", schema, ns);
    worst = std::max(worst, ns);
  }
  prometheus::Histogram theirs(edges);
  fmt::print("prometheus-cpp, classic only                 {:>9.1f} ns\n",
             nanoseconds_each(values, [&theirs](double value) { theirs.Observe(value); }));
  return worst;
}

/// What the daemon shows of itself, in milliseconds: a part of every scrape, whatever its size, and
/// most of it is read from /proc.
double measure_self() {
  constexpr int k_passes = 100;
  const metrics::SelfMetrics self;
  const double ms = median_ms([&self] {
    for (int pass = 0; pass < k_passes; ++pass) {
      static_cast<void>(self.collect());
    }
  });
  return ms / k_passes;
}

bool meets(std::string_view what, double figure, double bar, std::string_view unit) {
  fmt::print("{}: {:.1f} {}, bar {} {}: {}\n", what, figure, unit, bar, unit,
             figure <= bar ? "met" : "MISSED");
  return figure <= bar;
}

int run() {
  fmt::print("An observation, one thread:\n");
  const double observation_ns = measure_observations();
  fmt::print("\nA scrape in ms (median of 9); prometheus-cpp has no collecting in it:\n");
  fmt::print("{:>9}  {:<14} {:>9} {:>9} {:>9} {:>9} {:>12} {:>11}\n", "series", "format", "collect",
             "write", "gzip", "together", "bytes", "gzipped");
  const metrics::Selection three_histograms{.names = {"llm_probe_ttft_seconds",
                                                      "llm_probe_inter_token_latency_seconds",
                                                      "llm_probe_duration_seconds"}};
  measure_size(1, three_histograms);
  measure_size(1000 / k_series_per_target, {});
  const double at_10k = measure_size(10'000 / k_series_per_target, {});
  const double at_100k = measure_size(100'000 / k_series_per_target, {});
  fmt::print("\nThe daemon's own families, collected: {:.3f} ms\n\n", measure_self());
  const bool observation = meets("an observation", observation_ns, 50, "ns");
  const bool small = meets("10,000 series, the costliest format, gzipped", at_10k, 10, "ms");
  const bool large = meets("100,000 series, the costliest format, gzipped", at_100k, 100, "ms");
  return observation && small && large ? 0 : 1;
}

}  // namespace
}  // namespace inferometer::scrape_cost

int main() {
  return inferometer::scrape_cost::run();
}
