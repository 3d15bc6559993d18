#include "exposition/protobuf.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <random>
#include <vector>

using namespace inferometer::exposition;
using Counts = std::vector<inferometer::metrics::NativeBuckets::Count>;
using Spans = std::vector<NativeSpans::Span>;
using Deltas = std::vector<std::int64_t>;

namespace {

/// As Prometheus reads spans; buckets that are 0 are left out.
Counts decode(const NativeSpans& native) {
  Counts counts;
  std::int32_t index = 0;
  std::int64_t count = 0;
  auto delta = native.deltas.begin();
  for (const NativeSpans::Span& span : native.spans) {
    index += span.offset;
    for (std::uint32_t i = 0; i < span.length; ++i, ++index) {
      REQUIRE(delta != native.deltas.end());
      count += *delta++;
      if (count != 0) {
        counts.push_back({index, static_cast<std::uint64_t>(count)});
      }
    }
  }
  REQUIRE(delta == native.deltas.end());
  return counts;
}

}  // namespace

TEST_CASE("no buckets have one empty span") {
  const NativeSpans native = native_spans({});
  CHECK(native.spans == Spans{{0, 0}});
  CHECK(native.deltas.empty());
}

TEST_CASE("neighbours share a span and up to two empty buckets are written as zeros") {
  const Counts counts{{-5, 3}, {-4, 4}, {-1, 2}, {1, 2}};
  const NativeSpans native = native_spans(counts);
  CHECK(native.spans == Spans{{-5, 7}});
  CHECK(native.deltas == Deltas{3, 1, -4, 0, 2, -2, 2});
}

TEST_CASE("three empty buckets begin another span, whose delta is from the one before") {
  const Counts counts{{10, 7}, {14, 5}};
  const NativeSpans native = native_spans(counts);
  CHECK(native.spans == Spans{{10, 1}, {3, 1}});
  CHECK(native.deltas == Deltas{7, -2});
}

TEST_CASE("the largest counts survive") {
  const Counts counts{{0, std::numeric_limits<std::int64_t>::max()}, {1, 1}};
  CHECK(decode(native_spans(counts)) == counts);
}

TEST_CASE("any buckets read back from their spans") {
  std::mt19937_64 random(7);  // NOLINT: the same every time
  for (int round = 0; round < 2000; ++round) {
    Counts counts;
    const std::uint64_t size = random() % 60;
    auto index = static_cast<std::int32_t>(random() % 1300) - 650;
    for (std::uint64_t i = 0; i < size; ++i) {
      counts.push_back({index, 1 + random() % (i % 2 == 0 ? 10 : 1'000'000'000'000)});
      index += 1 + static_cast<std::int32_t>(random() % (random() % 4 == 0 ? 200 : 5));
    }
    const NativeSpans native = native_spans(counts);
    REQUIRE(decode(native) == counts);
    for (std::size_t i = 1; i < native.spans.size(); ++i) {
      REQUIRE(native.spans[i].offset > 2);
      REQUIRE(native.spans[i].length > 0);
    }
  }
}
