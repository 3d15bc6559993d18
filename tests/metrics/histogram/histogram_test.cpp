#include "metrics/histogram/histogram.hpp"

#include "metrics/catalogue.hpp"
#include "metrics/histogram/native_buckets.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <random>
#include <thread>
#include <vector>

using namespace inferometer::metrics;
using namespace std::chrono_literals;

namespace {

constexpr double k_infinity = std::numeric_limits<double>::infinity();
constexpr inferometer::base::WallTime k_created{1'700'000'000s};

Histogram make_histogram(std::vector<double> edges = {1.0, 2.0, 5.0},
                         int schema = k_default_native_schema) {
  return {std::make_shared<const HistogramLayout>(std::move(edges), schema), k_created};
}

std::vector<std::uint64_t> cumulative(const Histogram& histogram) {
  std::vector<std::uint64_t> counts;
  for (const Bucket& bucket : histogram.snapshot().buckets) {
    counts.push_back(bucket.cumulative_count);
  }
  return counts;
}

std::uint64_t native_count(const HistogramSample& sample) {
  std::uint64_t count = sample.native->zero_count;
  for (const NativeBuckets::Count& bucket : sample.native->counts) {
    count += bucket.count;
  }
  return count;
}

}  // namespace

TEST_CASE("a new histogram is empty and has all its buckets") {
  const Histogram histogram = make_histogram();
  CHECK(histogram.empty());
  CHECK(histogram.created() == 1'700'000'000);
  const HistogramSample sample = histogram.snapshot();
  CHECK(sample.count == 0);
  CHECK(sample.sum == 0);
  CHECK(sample.buckets == std::vector<Bucket>{{1.0, 0}, {2.0, 0}, {5.0, 0}, {k_infinity, 0}});
  REQUIRE(sample.native);
  CHECK(sample.native->schema == 3);
  CHECK(sample.native->zero_threshold == 0x1p-20);
  CHECK(sample.native->counts.empty());
  CHECK(sample.exemplars.empty());
}

TEST_CASE("a value on an edge belongs to the bucket that the edge ends") {
  Histogram histogram = make_histogram();
  histogram.observe(1.0);
  CHECK(cumulative(histogram) == std::vector<std::uint64_t>{1, 1, 1, 1});
  histogram.observe(std::nextafter(1.0, 2.0));
  CHECK(cumulative(histogram) == std::vector<std::uint64_t>{1, 2, 2, 2});
  histogram.observe(5.0);
  CHECK(cumulative(histogram) == std::vector<std::uint64_t>{1, 2, 3, 3});
  histogram.observe(std::nextafter(5.0, 6.0));
  CHECK(cumulative(histogram) == std::vector<std::uint64_t>{1, 2, 3, 4});
}

TEST_CASE("values beyond the edges go to the first and the infinite bucket") {
  Histogram histogram = make_histogram();
  histogram.observe(-3.0);
  histogram.observe(0.0);
  histogram.observe(1e9);
  CHECK(cumulative(histogram) == std::vector<std::uint64_t>{2, 2, 2, 3});
  const HistogramSample sample = histogram.snapshot();
  CHECK(sample.sum == 1e9 - 3);
  CHECK(sample.native->zero_count == 2);
  CHECK(sample.native->counts == std::vector<NativeBuckets::Count>{{8193, 1}});
  CHECK_FALSE(histogram.empty());
}

TEST_CASE("infinity is counted and NaN is not") {
  Histogram histogram = make_histogram();
  histogram.observe(std::numeric_limits<double>::quiet_NaN());
  CHECK(histogram.empty());
  CHECK(histogram.snapshot().sum == 0);
  histogram.observe(k_infinity);
  CHECK(cumulative(histogram) == std::vector<std::uint64_t>{0, 0, 0, 1});
}

TEST_CASE("every value lands in the buckets that a plain search finds, classic and native") {
  for (const int schema : {3, 5}) {
    Histogram histogram = make_histogram({k_ttft_edges.begin(), k_ttft_edges.end()}, schema);
    std::vector<std::uint64_t> classic(k_ttft_edges.size() + 1, 0);
    std::map<std::int32_t, std::uint64_t> native;
    std::mt19937 random(1);
    std::lognormal_distribution<double> latencies(-1.0, 2.0);
    for (int i = 0; i < 10'000; ++i) {
      const double value = latencies(random);
      histogram.observe(value);
      for (std::size_t edge = 0; edge < k_ttft_edges.size(); ++edge) {
        classic[edge] += value <= k_ttft_edges.at(edge) ? 1U : 0U;
      }
      ++classic.back();
      ++native[native_index(value, schema)];
    }
    CHECK(cumulative(histogram) == classic);
    const HistogramSample sample = histogram.snapshot();
    CHECK(sample.native->schema == schema);
    CHECK(sample.native->zero_count == 0);
    CHECK(std::ranges::equal(sample.native->counts, native, [](const auto& a, const auto& b) {
      return a.index == b.first && a.count == b.second;
    }));
  }
}

TEST_CASE("a snapshot has the forms that are asked for") {
  Histogram histogram = make_histogram();
  histogram.observe(1.5, ExemplarSource{.measurement = 7, .unix_seconds = 3});
  const HistogramSample classic =
      histogram.snapshot({.names = {}, .classic = true, .native = false});
  CHECK(classic.buckets.size() == 4);
  CHECK_FALSE(classic.native);
  const HistogramSample native =
      histogram.snapshot({.names = {}, .classic = false, .native = true});
  CHECK(native.buckets == std::vector<Bucket>{{k_infinity, 1}});
  REQUIRE(native.native);
  CHECK(native_count(native) == 1);
  CHECK(native.exemplars.size() == 1);
}

TEST_CASE("each classic bucket keeps its latest exemplar, and values without a source leave it") {
  Histogram histogram = make_histogram();
  histogram.observe(0.5, ExemplarSource{.measurement = 1, .unix_seconds = 10});
  histogram.observe(1.0, ExemplarSource{.measurement = 2, .unix_seconds = 11});
  histogram.observe(9.0, ExemplarSource{.measurement = 3, .unix_seconds = 12});
  histogram.observe(0.7);
  const std::vector<Exemplar> expected{{.measurement = 2, .value = 1.0, .unix_seconds = 11},
                                       {.measurement = 3, .value = 9.0, .unix_seconds = 12}};
  CHECK(histogram.snapshot().exemplars == expected);
}

TEST_CASE("no value is lost among threads and each snapshot agrees with itself in both forms") {
  constexpr std::size_t k_threads = 4;
  constexpr std::uint64_t k_values = 20000;
  Histogram histogram = make_histogram();
  std::vector<std::thread> threads;
  threads.reserve(k_threads);
  for (std::size_t i = 0; i < k_threads; ++i) {
    threads.emplace_back([&histogram, i] {
      for (std::uint64_t n = 0; n < k_values; ++n) {
        histogram.observe(static_cast<double>(i) + 0.5,
                          ExemplarSource{.measurement = n, .unix_seconds = 1});
      }
    });
  }
  bool consistent = true;
  std::uint64_t before = 0;
  for (int i = 0; i < 1000; ++i) {
    const HistogramSample sample = histogram.snapshot();
    consistent = consistent && sample.count == sample.buckets.back().cumulative_count &&
                 sample.count == native_count(sample) && sample.count >= before;
    before = sample.count;
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  CHECK(consistent);
  CHECK(cumulative(histogram) ==
        std::vector<std::uint64_t>{k_values, 2 * k_values, 4 * k_values, 4 * k_values});
  CHECK(histogram.snapshot().sum == 20000 * (0.5 + 1.5 + 2.5 + 3.5));
}
