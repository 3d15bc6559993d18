#include "metrics/histogram.hpp"

#include "metrics/edges.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <limits>
#include <random>
#include <thread>
#include <vector>

using inferometer::metrics::Histogram;
using inferometer::metrics::k_ttft_edges;

namespace {

constexpr std::array k_edges{1.0, 2.0, 5.0};
constexpr double k_infinity = std::numeric_limits<double>::infinity();

std::vector<std::uint64_t> cumulative(const Histogram& histogram) {
  std::vector<std::uint64_t> counts;
  for (const auto& bucket : histogram.snapshot().bucket) {
    counts.push_back(bucket.cumulative_count);
  }
  return counts;
}

}  // namespace

TEST_CASE("a new histogram is empty and has all its buckets") {
  const Histogram histogram(k_edges);
  CHECK(histogram.empty());
  const auto snapshot = histogram.snapshot();
  CHECK(snapshot.sample_count == 0);
  CHECK(snapshot.sample_sum == 0);
  REQUIRE(snapshot.bucket.size() == 4);
  CHECK(snapshot.bucket[0].upper_bound == 1.0);
  CHECK(snapshot.bucket[2].upper_bound == 5.0);
  CHECK(snapshot.bucket[3].upper_bound == k_infinity);
}

TEST_CASE("a value on an edge belongs to the bucket that the edge ends") {
  Histogram histogram(k_edges);
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
  Histogram histogram(k_edges);
  histogram.observe(-3.0);
  histogram.observe(0.0);
  histogram.observe(1e9);
  CHECK(cumulative(histogram) == std::vector<std::uint64_t>{2, 2, 2, 3});
  CHECK(histogram.snapshot().sample_sum == 1e9 - 3);
  CHECK_FALSE(histogram.empty());
}

TEST_CASE("infinity is counted and NaN is not") {
  Histogram histogram(k_edges);
  histogram.observe(std::numeric_limits<double>::quiet_NaN());
  CHECK(histogram.empty());
  CHECK(histogram.snapshot().sample_sum == 0);
  histogram.observe(k_infinity);
  CHECK(cumulative(histogram) == std::vector<std::uint64_t>{0, 0, 0, 1});
}

TEST_CASE("every value lands in the bucket that a plain search finds") {
  Histogram histogram(k_ttft_edges);
  std::vector<std::uint64_t> expected(k_ttft_edges.size() + 1, 0);
  std::mt19937 random(1);
  std::lognormal_distribution<double> latencies(-1.0, 3.0);
  for (int i = 0; i < 10000; ++i) {
    const double value = latencies(random);
    histogram.observe(value);
    for (std::size_t edge = 0; edge < k_ttft_edges.size(); ++edge) {
      expected[edge] += value <= k_ttft_edges.at(edge) ? 1U : 0U;
    }
    ++expected.back();
  }
  CHECK(cumulative(histogram) == expected);
}

TEST_CASE("no value is lost among threads and each snapshot agrees with itself") {
  constexpr std::size_t k_threads = 4;
  constexpr std::uint64_t k_values = 20000;
  Histogram histogram(k_edges);
  std::vector<std::thread> threads;
  threads.reserve(k_threads);
  for (std::size_t i = 0; i < k_threads; ++i) {
    threads.emplace_back([&histogram, i] {
      for (std::uint64_t n = 0; n < k_values; ++n) {
        histogram.observe(static_cast<double>(i) + 0.5);
      }
    });
  }
  bool consistent = true;
  std::uint64_t before = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto snapshot = histogram.snapshot();
    consistent = consistent && snapshot.sample_count == snapshot.bucket.back().cumulative_count &&
                 snapshot.sample_count >= before;
    before = snapshot.sample_count;
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  CHECK(consistent);
  CHECK(cumulative(histogram) ==
        std::vector<std::uint64_t>{k_values, 2 * k_values, 4 * k_values, 4 * k_values});
  CHECK(histogram.snapshot().sample_sum == 20000 * (0.5 + 1.5 + 2.5 + 3.5));
}
