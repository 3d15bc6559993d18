#include "fakes/fastest.hpp"
#include "metrics/catalogue.hpp"
#include "metrics/histogram/histogram.hpp"
#include "metrics/histogram/native_buckets.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <random>
#include <vector>

using namespace inferometer::metrics;
using inferometer::fakes::fastest;

TEST_CASE("an observation with an exemplar takes at most fifty nanoseconds") {
  std::mt19937_64 engine(1);
  std::lognormal_distribution<double> distribution(-1, 1);
  std::vector<double> values(1U << 15U);
  std::ranges::generate(values, [&] { return distribution(engine); });
  for (const int schema : {k_default_native_schema, k_fine_native_schema}) {
    Histogram histogram(std::make_shared<const HistogramLayout>(
                            std::vector<double>(k_ttft_edges.begin(), k_ttft_edges.end()), schema),
                        {});
    const auto took = fastest(20, [&] {
      for (const double value : values) {
        histogram.observe(value, ExemplarSource{.measurement = 1, .unix_seconds = 1});
      }
    });
    const double each =
        std::chrono::duration<double, std::nano>(took).count() / static_cast<double>(values.size());
    MESSAGE("schema ", schema, ": ", each, " ns");
    CHECK(each <= 50);
  }
}
