#include "metrics/histogram/native_buckets.hpp"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

using inferometer::metrics::native_index;
using inferometer::metrics::native_upper_bound;

namespace {

/// The index by plain frexp arithmetic: 2^schema buckets an octave, whose bounds are looked for one
/// by one.
std::int32_t searched_index(double value, int schema) {
  int exponent = 0;
  const double fraction = std::frexp(value, &exponent);
  const std::int32_t buckets = 1 << schema;
  std::int32_t place = 0;
  while (place < buckets && std::ldexp(native_upper_bound(place, schema), -1) < fraction) {
    ++place;
  }
  return (exponent - 1) * buckets + place;
}

double below(double value) {
  return std::nextafter(value, 0.0);
}

double above(double value) {
  return std::nextafter(value, std::numeric_limits<double>::infinity());
}

}  // namespace

TEST_CASE("native buckets: every bound ends its bucket, and the next double is in the next one") {
  for (const int schema : {0, 1, 2, 3, 4, 5}) {
    const std::int32_t buckets = 1 << schema;
    // From the bucket of the smallest normal double to that of the largest one whose bound is one.
    for (std::int32_t index = -1021 * buckets; index < 1024 * buckets; ++index) {
      const double bound = native_upper_bound(index, schema);
      CAPTURE(schema);
      CAPTURE(index);
      REQUIRE(native_index(bound, schema) == index);
      REQUIRE(native_index(below(bound), schema) == index);
      REQUIRE(native_index(above(bound), schema) == index + 1);
    }
  }
}

TEST_CASE("native buckets: any double is where a search by frexp finds it") {
  std::mt19937_64 random(1);
  for (int i = 0; i < 200'000; ++i) {
    // Any bit pattern of a positive finite double, subnormal ones among them.
    const std::uint64_t bits =
        random() % std::bit_cast<std::uint64_t>(std::numeric_limits<double>::infinity());
    const auto value = std::bit_cast<double>(bits);
    if (value == 0) {
      continue;
    }
    for (const int schema : {0, 3, 5}) {
      CAPTURE(value);
      REQUIRE(native_index(value, schema) == searched_index(value, schema));
    }
  }
}

TEST_CASE("native buckets: the extremes have a bucket") {
  CHECK(native_index(std::numeric_limits<double>::denorm_min(), 3) == -1074 * 8);
  CHECK(native_index(std::numeric_limits<double>::min(), 3) == -1022 * 8);
  CHECK(native_index(std::numeric_limits<double>::max(), 3) == 1024 * 8);
  CHECK(native_index(1.0, 3) == 0);
  CHECK(native_index(above(1.0), 3) == 1);
  CHECK(native_index(2.0, 3) == 8);
  CHECK(native_index(0.5, 5) == -32);
}

TEST_CASE("native buckets: bounds are within four units in the last place of the powers") {
  for (const int schema : {3, 5}) {
    for (std::int32_t index = -(20 << schema); index <= (20 << schema); ++index) {
      const long double power =
          std::exp2(static_cast<long double>(index) / static_cast<long double>(1 << schema));
      const double bound = native_upper_bound(index, schema);
      CHECK(std::abs(bound - power) <= 4 * (above(bound) - bound));
    }
  }
}
