#include "measure/derive.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <vector>

using inferometer::measure::quantile;

TEST_CASE("no samples have no quantile") {
  CHECK_FALSE(quantile({}, 0.5).has_value());
  CHECK_FALSE(quantile({}, 1.0).has_value());
}

TEST_CASE("one sample is every quantile") {
  const std::vector<double> samples{7.0};
  CHECK(quantile(samples, 0.0) == 7.0);
  CHECK(quantile(samples, 0.5) == 7.0);
  CHECK(quantile(samples, 1.0) == 7.0);
}

TEST_CASE("quantiles lie between order statistics as numpy defines them") {
  // numpy.quantile([1, 2, 4, 8], [0, .25, .5, .75, .95, .99, 1])
  const std::vector<double> samples{4.0, 1.0, 8.0, 2.0};
  CHECK(quantile(samples, 0.0) == 1.0);
  CHECK(quantile(samples, 0.25) == doctest::Approx(1.75));
  CHECK(quantile(samples, 0.5) == doctest::Approx(3.0));
  CHECK(quantile(samples, 0.75) == doctest::Approx(5.0));
  CHECK(quantile(samples, 0.95) == doctest::Approx(7.4));
  CHECK(quantile(samples, 0.99) == doctest::Approx(7.88));
  CHECK(quantile(samples, 1.0) == 8.0);
}

TEST_CASE(
    "a quantile that falls on an order statistic is that sample in whatever order they come") {
  std::vector<double> samples;
  for (int i = 0; i <= 100; ++i) {
    samples.push_back(i);
  }
  std::shuffle(samples.begin(), samples.end(), std::mt19937(1));
  for (int percent = 0; percent <= 100; ++percent) {
    CHECK(quantile(samples, percent / 100.0) == doctest::Approx(percent));
  }
}

TEST_CASE("equal samples have that quantile") {
  CHECK(quantile({3.0, 3.0, 3.0, 3.0}, 0.99) == 3.0);
}
