#include "metrics/histogram/layout.hpp"

#include "metrics/catalogue.hpp"
#include "metrics/histogram/native_buckets.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

using namespace inferometer::metrics;

namespace {

constexpr double k_no_bound = std::numeric_limits<double>::infinity();

std::vector<double> ttft_edges() {
  return {k_ttft_edges.begin(), k_ttft_edges.end()};
}

/// The slot that holds a cell.
std::size_t slot_of(const HistogramLayout& layout, std::size_t cell) {
  const auto after =
      std::ranges::upper_bound(layout.slots(), cell, {}, &HistogramLayout::NativeSlot::first_cell);
  return static_cast<std::size_t>(after - layout.slots().begin()) - 1;
}

void check_place(const HistogramLayout& layout, double value) {
  CAPTURE(value);
  const HistogramLayout::Place place = layout.place(value);
  const auto edge = std::ranges::lower_bound(layout.edges(), value);
  REQUIRE(place.bucket == static_cast<std::size_t>(edge - layout.edges().begin()));
  REQUIRE(place.cell < layout.cells());
  const std::size_t slot = slot_of(layout, place.cell);
  if (value <= layout.zero_threshold()) {
    REQUIRE(slot == 0);
  } else if (value > 0x1p20) {
    REQUIRE(slot == layout.slots().size() - 2);
  } else {
    REQUIRE(layout.native_index_of(slot) == native_index(value, layout.schema()));
  }
}

void check_around(const HistogramLayout& layout, double value) {
  check_place(layout, std::nextafter(value, -k_no_bound));
  check_place(layout, value);
  check_place(layout, std::nextafter(value, k_no_bound));
}

}  // namespace

TEST_CASE("layout: a value is in its classic bucket and in its native one, around every bound") {
  for (const int schema : {3, 5}) {
    for (const std::vector<double>& edges : {ttft_edges(), std::vector<double>{},
                                             std::vector<double>{1e-9, 0.8, 0.81, 0.82, 0.83, 5e6},
                                             std::vector<double>{0x1p-20, 0.5, 1, 2, 0x1p20}}) {
      const HistogramLayout layout(edges, schema);
      for (std::int32_t index = -(20 << schema); index <= (20 << schema); ++index) {
        check_around(layout, native_upper_bound(index, schema));
      }
      for (const double edge : edges) {
        check_around(layout, edge);
      }
      for (const double extreme :
           {0.0, -1.0, 1e-300, 1e300, k_no_bound, -k_no_bound,
            std::numeric_limits<double>::denorm_min(), std::numeric_limits<double>::max()}) {
        check_place(layout, extreme);
      }
    }
  }
}

TEST_CASE("layout: any value is in its classic bucket and in its native one") {
  const HistogramLayout layout(ttft_edges(), k_default_native_schema);
  std::mt19937_64 random(1);
  std::lognormal_distribution<double> values(-2, 5);
  for (int i = 0; i < 100'000; ++i) {
    check_place(layout, values(random));
  }
}

TEST_CASE("layout: every cell lies within one bucket of either form") {
  const HistogramLayout layout({0.8, 0.81, 1.0}, k_default_native_schema);
  // 40 octaves of 8, the zero bucket and the one to +Inf; two of the edges cut a bucket, and 1.0
  // ends one anyway.
  CHECK(layout.cells() == 40 * 8 + 2 + 2);
  CHECK(layout.slots().size() == 40 * 8 + 2 + 1);
}

TEST_CASE("layout: edges may come in any order and twice") {
  const HistogramLayout layout({5.0, 0.8, 1.0, 0.8}, k_default_native_schema);
  CHECK(std::vector<double>(layout.edges().begin(), layout.edges().end()) ==
        std::vector<double>{0.8, 1.0, 5.0});
  CHECK(layout == HistogramLayout({0.8, 1.0, 5.0}, k_default_native_schema));
  CHECK_FALSE(layout == HistogramLayout({0.8, 1.0, 5.0}, k_fine_native_schema));
  CHECK_FALSE(layout == HistogramLayout({0.8, 1.0}, k_default_native_schema));
}

TEST_CASE("layout: the bucket to infinity has the index that Prometheus gives to it") {
  const HistogramLayout layout({}, k_default_native_schema);
  CHECK(layout.native_index_of(layout.slots().size() - 2) ==
        native_index(std::numeric_limits<double>::max(), k_default_native_schema) + 1);
}
