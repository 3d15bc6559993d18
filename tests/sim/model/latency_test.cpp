#include "sim/model/latency.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using inferometer::base::Duration;
using inferometer::sim::Distribution;
using inferometer::sim::load_recording;
using inferometer::sim::normal_quantile;
using inferometer::sim::parse_distribution;
using inferometer::sim::Random;

namespace {

std::string data(const std::string& name) {
  return INFEROMETER_SOURCE_DIR "/tests/data/sim/" + name;
}

/// The distribution function that normal_quantile inverts.
double normal_probability(double z) {
  return std::erfc(-z / std::sqrt(2.0)) / 2;
}

}  // namespace

TEST_CASE("the normal quantile has the published values") {
  CHECK(normal_quantile(0.5) == 0);
  CHECK(normal_quantile(0.95) == doctest::Approx(1.6448536269514722).epsilon(1e-14));
  CHECK(normal_quantile(0.99) == doctest::Approx(2.3263478740408408).epsilon(1e-14));
  CHECK(normal_quantile(0.001) == doctest::Approx(-3.0902323061678132).epsilon(1e-14));
  CHECK(normal_quantile(1e-20) == doctest::Approx(-9.2623400897984087).epsilon(1e-14));
}

TEST_CASE("the normal quantile inverts the distribution function over its whole range") {
  for (double z = -8; z <= 8; z += 1.0 / 64) {
    // Above the median the probability itself has too few digits left to tell z.
    const double lower = normal_quantile(normal_probability(-std::abs(z)));
    CHECK(std::abs(lower + std::abs(z)) < 1e-9);
    if (z > 0 && z < 4) {
      CHECK(std::abs(normal_quantile(normal_probability(z)) - z) < 1e-9);
    }
  }
}

TEST_CASE("a fitted distribution meets its three quantiles to the nanosecond") {
  for (const auto& [p50, p95, p99] : std::vector<std::array<Duration, 3>>{{48ms, 72ms, 95ms},
                                                                          {320ms, 580ms, 890ms},
                                                                          {1us, 1us, 1us},
                                                                          {1ns, 7s, 24h},
                                                                          {85ms, 145ms, 210ms}}) {
    const Distribution fitted = Distribution::fitted(p50, p95, p99).value();
    // Doubles hold 15 digits, so a day is exact to a tenth of a microsecond only.
    const Duration slack = p99 > 1h ? 100us : Duration(0);
    CHECK(abs(fitted.quantile(0.5) - p50) <= slack);
    CHECK(abs(fitted.quantile(0.95) - p95) <= slack);
    CHECK(abs(fitted.quantile(0.99) - p99) <= slack);
  }
}

TEST_CASE("a fitted distribution continues its slopes on both sides") {
  const Distribution fitted = Distribution::fitted(100ms, 200ms, 800ms).value();
  // Mirrored at the median: half as long at p5 as at p50, since p95 is twice as long.
  CHECK(fitted.quantile(0.05) == 50ms);
  // Between p95 and p99 ln x is linear in z, and so it is beyond.
  const double z95 = normal_quantile(0.95);
  const double z99 = normal_quantile(0.99);
  const double beyond = normal_probability(2 * z99 - z95);
  CHECK(std::chrono::round<std::chrono::microseconds>(fitted.quantile(beyond)) == 3200ms);
  const double between = normal_probability((z95 + z99) / 2);
  CHECK(std::chrono::round<std::chrono::microseconds>(fitted.quantile(between)) == 400ms);
}

TEST_CASE("the samples of a fitted distribution have its quantiles") {
  const Distribution fitted = Distribution::fitted(48ms, 72ms, 95ms).value();
  Random random(7);
  std::vector<Duration> samples(100'000);
  std::generate(samples.begin(), samples.end(), [&] { return fitted.sample(random); });
  std::sort(samples.begin(), samples.end());
  for (const double u : {0.05, 0.5, 0.95, 0.99}) {
    const auto sample = samples[static_cast<std::size_t>(u * 100'000)];
    CHECK(static_cast<double>(sample.count()) ==
          doctest::Approx(static_cast<double>(fitted.quantile(u).count())).epsilon(0.02));
  }
}

TEST_CASE("a delay is never longer than a day however steep the tail is") {
  const Distribution steep = Distribution::fitted(1ms, 1s, 20h).value();
  CHECK(steep.quantile(0.999999) == 24h);
}

TEST_CASE("a fit to quantiles that descend or are not positive is refused") {
  for (const auto& [p50, p95, p99] : std::vector<std::array<Duration, 3>>{
           {0ms, 1ms, 2ms}, {-1ms, 1ms, 2ms}, {3ms, 2ms, 4ms}, {1ms, 3ms, 2ms}, {1ms, 2ms, 25h}}) {
    const auto refused = Distribution::fitted(p50, p95, p99);
    REQUIRE(!refused);
    CHECK(refused.error().message.find("do not descend") != std::string::npos);
  }
}

TEST_CASE("a constant distribution is its value") {
  const Distribution constant = Distribution::constant(750us);
  Random random(1);
  CHECK(constant.quantile(0.01) == 750us);
  CHECK(constant.quantile(0.99) == 750us);
  CHECK(constant.sample(random) == 750us);
}

TEST_CASE("a replay gives the samples in order and starts again and is shared by copies") {
  const Distribution replay =
      Distribution::recorded({3ms, 1ms, 2ms}, Distribution::Order::replay).value();
  const std::array copies{replay, replay};
  Random random(1);
  CHECK(replay.sample(random) == 3ms);
  CHECK(copies[0].sample(random) == 1ms);
  CHECK(copies[1].sample(random) == 2ms);
  CHECK(replay.sample(random) == 3ms);
}

TEST_CASE("a recording drawn at random gives each sample equally often") {
  const Distribution recorded =
      Distribution::recorded({3ms, 1ms, 2ms}, Distribution::Order::random).value();
  Random random(1);
  std::array<int, 4> seen{};
  for (int i = 0; i < 30'000; ++i) {
    ++seen.at(static_cast<std::size_t>(recorded.sample(random) / 1ms));
  }
  for (std::size_t value = 1; value <= 3; ++value) {
    CHECK(seen.at(value) == doctest::Approx(10'000).epsilon(0.05));
  }
}

TEST_CASE("the quantile of a recording is the nearest rank") {
  const Distribution recorded =
      Distribution::recorded({4ms, 1ms, 3ms, 2ms}, Distribution::Order::random).value();
  CHECK(recorded.quantile(0.001) == 1ms);
  CHECK(recorded.quantile(0.25) == 1ms);
  CHECK(recorded.quantile(0.26) == 2ms);
  CHECK(recorded.quantile(0.5) == 2ms);
  CHECK(recorded.quantile(0.999) == 4ms);
}

TEST_CASE("a recording must have samples and they must be sensible") {
  CHECK(!Distribution::recorded({}, Distribution::Order::random));
  CHECK(!Distribution::recorded({1ms, -1ms}, Distribution::Order::random));
  CHECK(!Distribution::recorded({25h}, Distribution::Order::random));
}

TEST_CASE("a delay is written as one duration or as three quantiles") {
  CHECK(parse_distribution("20ms").value().quantile(0.99) == 20ms);
  CHECK(parse_distribution("0ms").value().quantile(0.5) == 0ms);
  const Distribution fitted = parse_distribution("48ms/72ms/95ms").value();
  CHECK(fitted.quantile(0.5) == 48ms);
  CHECK(fitted.quantile(0.95) == 72ms);
  CHECK(fitted.quantile(0.99) == 95ms);
}

TEST_CASE("a malformed delay is refused with the way to write it") {
  for (const char* text : {"", "20", "ms", "1ms/2ms", "1ms/2ms/3ms/4ms", "1ms//3ms", "-1ms",
                           "3ms/2ms/1ms", "2d", "1ms/", "@/etc/passwd"}) {
    CAPTURE(text);
    CHECK(!parse_distribution(text));
  }
  CHECK(parse_distribution("1ms/2ms").error().message.find("48ms/72ms/95ms") != std::string::npos);
}

TEST_CASE("a recording is read from a file of durations and of seconds") {
  const Distribution replay =
      load_recording(data("delays.txt"), Distribution::Order::replay).value();
  Random random(1);
  CHECK(replay.sample(random) == 12500us);
  CHECK(replay.sample(random) == 20ms);
  CHECK(replay.sample(random) == 1s);
  CHECK(replay.sample(random) == 12500us);
}

TEST_CASE("a bad recording names the file and the line") {
  const auto bad = load_recording(data("bad-delays.txt"), Distribution::Order::replay);
  REQUIRE(!bad);
  CHECK(bad.error().message.find("bad-delays.txt:2:") != std::string::npos);
  const auto empty = load_recording(data("no-delays.txt"), Distribution::Order::replay);
  REQUIRE(!empty);
  CHECK(empty.error().message.find("no-delays.txt") != std::string::npos);
  const auto missing = load_recording(data("missing.txt"), Distribution::Order::replay);
  REQUIRE(!missing);
  CHECK(missing.error().message.find("missing.txt") != std::string::npos);
}
