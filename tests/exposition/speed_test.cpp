#include "exposition/format.hpp"
#include "exposition/samples.hpp"
#include "fakes/fastest.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <string>

using namespace inferometer::exposition;
using inferometer::fakes::fastest;
using inferometer::metrics::Families;
using inferometer::metrics::HistogramSample;

namespace {

constexpr int k_children = 304;  // of 33 series each

/// Histograms with all that a format can carry: a page of 10,032 series in text.
Families large_page() {
  HistogramSample value = histogram({}, 1234.5678, 30'000);
  value.buckets.pop_back();
  for (std::uint64_t i = 1; i <= 30; ++i) {
    const double bound = static_cast<double>(i) * 0.0015;
    value.buckets.push_back({bound, i * 1000});
    value.exemplars.push_back({i, bound, 1'700'000'000.5});
  }
  value.buckets.push_back({k_infinity, 30'000});
  value.native = inferometer::metrics::NativeBuckets{.schema = 3, .zero_threshold = 0x1p-20};
  for (std::int32_t i = 0; i < 75; ++i) {
    value.native->counts.push_back({i, 400});
  }
  Families families{{&k_some_histogram, {}}};
  for (int i = 0; i < k_children; ++i) {
    families[0].samples.push_back(sample(
        value,
        {{"provider", "vllm-h100"}, {"model", std::to_string(i)}, {"workload", "chat-short"}}));
  }
  return families;
}

double milliseconds_of(const Families& families, Format format) {
  std::size_t size = 0;
  const auto took = fastest(10, [&] { size = write(families, format).size(); });
  REQUIRE(size > k_children * 500);
  return std::chrono::duration<double, std::milli>(took).count();
}

}  // namespace

TEST_CASE("ten thousand series are written within ten milliseconds in each format") {
  const Families families = large_page();
  for (const Format format : k_formats) {
    const double ms = milliseconds_of(families, format);
    MESSAGE(content_type(format) << ": " << ms << " ms");
    CHECK(ms < 10);
  }
}
