#include "measure/recent_measurements.hpp"

#include "measure/make_measurement.hpp"

#include <doctest/doctest.h>
#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <thread>

using namespace inferometer::measure;
using namespace std::chrono_literals;

namespace {

std::string id_of(std::size_t number) {
  const std::string digits = std::to_string(number);
  return std::string(16 - digits.size(), '0') + digits;
}

Measurement numbered(std::size_t number) {
  Measurement measurement = make_success();
  measurement.id = id_of(number);
  return measurement;
}

/// A long answer: a content arrival for each of 10,000 tokens.
Measurement long_answer(std::size_t number) {
  Measurement measurement = numbered(number);
  measurement.content_arrivals.assign(10'000, {.at = *measurement.timeline.request_begin + 20ms});
  return measurement;
}

/// How many of the attempts 0 to `count` − 1 are kept.
std::size_t kept(const RecentMeasurements& recent, std::size_t count) {
  std::size_t result = 0;
  for (std::size_t number = 0; number < count; ++number) {
    result += recent.find(id_of(number)) != nullptr ? 1U : 0U;
  }
  return result;
}

}  // namespace

TEST_CASE("a recent measurement is found whole by its id and others are not") {
  RecentMeasurements recent;
  Measurement measurement = numbered(7);
  measurement.detail = "slow down";
  recent.record(measurement);
  const auto found = recent.find(measurement.id);
  REQUIRE(found != nullptr);
  CHECK(found->id == measurement.id);
  CHECK(found->target == measurement.target);
  CHECK(found->detail == "slow down");
  CHECK(found->content_arrivals == measurement.content_arrivals);
  CHECK(recent.find(id_of(8)) == nullptr);
  CHECK(recent.find("") == nullptr);
}

TEST_CASE("thousands of long answers stay within the bound and the oldest leave first") {
  constexpr std::size_t max_bytes = std::size_t{1} << 20U;
  constexpr std::size_t arrivals_bytes = 10'000 * sizeof(Arrival);
  RecentMeasurements recent({.successes = max_bytes});
  for (std::size_t number = 0; number < 3000; ++number) {
    recent.record(long_answer(number));
  }
  const std::size_t count = kept(recent, 3000);
  CHECK(count == max_bytes / (arrivals_bytes + sizeof(Measurement)));
  CHECK(recent.find(id_of(2999)) != nullptr);
  CHECK(recent.find(id_of(3000 - count)) != nullptr);
  CHECK(recent.find(id_of(3000 - count - 1)) == nullptr);
}

TEST_CASE("the memory of small measurements is counted with their texts and nodes") {
  constexpr std::size_t max_bytes = 65'536;
  const auto kept_of = [](std::size_t text_bytes) {
    RecentMeasurements recent({.successes = max_bytes});
    for (std::size_t number = 0; number < 1000; ++number) {
      Measurement measurement = numbered(number);
      measurement.detail.assign(text_bytes, 'd');
      measurement.request_id.assign(text_bytes, 'r');
      recent.record(std::move(measurement));
    }
    return kept(recent, 1000);
  };
  const std::size_t without_texts = kept_of(0);
  CHECK(without_texts > max_bytes / (2 * sizeof(Measurement)));
  CHECK(without_texts < max_bytes / (sizeof(Measurement) + 100));
  CHECK(kept_of(4500) == max_bytes / (9000 + sizeof(Measurement)));
}

TEST_CASE("room that a vector has in reserve counts too") {
  RecentMeasurements recent({.successes = 100'000});
  Measurement measurement = numbered(1);
  measurement.content_arrivals.reserve(20'000);
  recent.record(std::move(measurement));
  CHECK(recent.find(id_of(1)) == nullptr);
}

TEST_CASE("the same id twice replaces the first and makes room only once") {
  RecentMeasurements recent({.successes = 500'000});
  recent.record(long_answer(1));
  for (int i = 0; i < 100; ++i) {
    Measurement again = long_answer(2);
    again.http_status = 500 + i;
    recent.record(std::move(again));
  }
  REQUIRE(recent.find(id_of(2)) != nullptr);
  CHECK(recent.find(id_of(2))->http_status == 599);
  CHECK(recent.find(id_of(1)) != nullptr);
  recent.record(long_answer(3));
  CHECK(recent.find(id_of(1)) == nullptr);
  CHECK(recent.find(id_of(2)) != nullptr);
}

TEST_CASE("a replaced measurement is as new as the one that replaced it") {
  RecentMeasurements recent({.successes = 500'000});
  for (const std::size_t number : {1U, 2U, 1U, 3U}) {
    recent.record(long_answer(number));
  }
  CHECK(recent.find(id_of(1)) != nullptr);
  CHECK(recent.find(id_of(2)) == nullptr);
}

TEST_CASE("a measurement larger than all the room is dropped and drives nothing out") {
  RecentMeasurements recent({.successes = 50'000});
  recent.record(numbered(1));
  recent.record(long_answer(2));
  CHECK(recent.find(id_of(1)) != nullptr);
  CHECK(recent.find(id_of(2)) == nullptr);
}

TEST_CASE("without room nothing is kept") {
  RecentMeasurements recent({.successes = 0});
  recent.record(numbered(1));
  CHECK(recent.find(id_of(1)) == nullptr);
}

TEST_CASE("a measurement that someone holds outlives its place and the store") {
  std::shared_ptr<const Measurement> held;
  {
    RecentMeasurements recent({.successes = 300'000});
    recent.record(long_answer(1));
    held = recent.find(id_of(1));
    recent.record(long_answer(2));
    REQUIRE(recent.find(id_of(1)) == nullptr);
  }
  REQUIRE(held != nullptr);
  CHECK(held->id == id_of(1));
  CHECK(held->content_arrivals.size() == 10'000);
  CHECK(held.use_count() == 1);
}

TEST_CASE("a failure and a suspect are found after more successes than fit") {
  RecentMeasurements recent({.successes = 50'000, .failures = 50'000});
  Measurement failure = numbered(1);
  failure.outcome = Outcome::stalled;
  recent.record(failure);
  Measurement suspect = numbered(2);
  suspect.suspect = true;
  recent.record(suspect);
  for (std::size_t number = 3; number < 1000; ++number) {
    recent.record(numbered(number));
  }
  CHECK(recent.find(id_of(3)) == nullptr);
  CHECK(recent.find(id_of(1)) != nullptr);
  CHECK(recent.find(id_of(2)) != nullptr);
}

TEST_CASE("failures displace no success and only older failures") {
  RecentMeasurements recent({.successes = 50'000, .failures = 50'000});
  recent.record(numbered(1));
  for (std::size_t number = 2; number < 1000; ++number) {
    Measurement failure = numbered(number);
    failure.outcome = Outcome::connect_error;
    recent.record(failure);
  }
  CHECK(recent.find(id_of(1)) != nullptr);
  CHECK(recent.find(id_of(2)) == nullptr);
  CHECK(recent.find(id_of(999)) != nullptr);
}

TEST_CASE("a target that always fails displaces only its own failures") {
  RecentMeasurements recent({.successes = 0, .failures = 100'000});
  for (std::size_t number = 0; number < 5000; ++number) {
    Measurement failure = numbered(number);
    failure.outcome = Outcome::connect_error;
    failure.target.model = number % 1000 == 10 ? "good" : "dead";
    recent.record(failure);
  }
  for (const std::size_t number : {10U, 1010U, 2010U, 3010U, 4010U, 4999U}) {
    CAPTURE(number);
    CHECK(recent.find(id_of(number)) != nullptr);
  }
  CHECK(recent.find(id_of(4500)) == nullptr);
}

TEST_CASE("many targets share the room in equal numbers and the bound holds") {
  constexpr std::size_t max_bytes = 200'000;
  RecentMeasurements recent({.successes = max_bytes});
  for (std::size_t number = 0; number < 3000; ++number) {
    Measurement measurement = numbered(number);
    // One target is probed ten times as often as each of the nine others.
    measurement.target.workload = number % 10 == 0 ? std::to_string(number / 10 % 9) : "often";
    recent.record(std::move(measurement));
  }
  std::map<std::string, std::size_t> counts;
  for (const auto& measurement : recent.all()) {
    ++counts[measurement->target.workload];
  }
  REQUIRE(counts.size() == 10);
  const auto [fewest, most] =
      std::ranges::minmax_element(counts, {}, [](const auto& count) { return count.second; });
  CHECK(most->second <= fewest->second + 2);
  CHECK(recent.all().size() < max_bytes / sizeof(Measurement));
}

TEST_CASE("a long answer of a new target makes the room that it needs and stays") {
  RecentMeasurements recent({.successes = 300'000});
  for (std::size_t number = 0; number < 100; ++number) {
    Measurement measurement = numbered(number);
    measurement.target.model = std::to_string(number);
    recent.record(std::move(measurement));
  }
  Measurement big = long_answer(100);
  big.target.model = "big";
  recent.record(std::move(big));
  CHECK(recent.find(id_of(100)) != nullptr);
  CHECK(recent.find(id_of(0)) == nullptr);
  CHECK(recent.find(id_of(99)) != nullptr);
}

TEST_CASE("an attempt that is recorded again with another outcome is kept once") {
  RecentMeasurements recent;
  recent.record(numbered(1));
  Measurement failure = numbered(1);
  failure.outcome = Outcome::stalled;
  recent.record(failure);
  REQUIRE(recent.all().size() == 1);
  CHECK(recent.all().front()->outcome == Outcome::stalled);
}

TEST_CASE("the heap really holds no more than the room") {
  constexpr std::size_t room = std::size_t{1} << 20U;
  const std::size_t before = ::mallinfo2().uordblks;  // 0 where a sanitizer is the allocator
  RecentMeasurements recent({.successes = room, .failures = room});
  for (std::size_t number = 0; number < 20'000; ++number) {
    Measurement measurement = numbered(number);
    measurement.target = {"a provider of some name", "a model with a long name",
                          std::to_string(number % 50)};
    measurement.detail.assign(number % 3 == 0 ? number % 200 : 0, 'd');
    measurement.outcome = number % 3 == 0 ? Outcome::server_error : Outcome::success;
    measurement.content_arrivals.resize(number % 150);
    recent.record(std::move(measurement));
  }
  const std::size_t after = ::mallinfo2().uordblks;
  CHECK(recent.all().size() > 500);
  CHECK(after - before <= 2 * room + 4096);
}

TEST_CASE("how far back each kind reaches is told") {
  RecentMeasurements recent;
  CHECK_FALSE(recent.reach().successes.has_value());
  CHECK_FALSE(recent.reach().failures.has_value());
  Measurement first = numbered(1);
  first.started_at += 5s;
  first.target.model = "b";
  recent.record(first);
  recent.record(numbered(2));
  CHECK(recent.reach().successes == numbered(2).started_at);
  CHECK_FALSE(recent.reach().failures.has_value());
  CHECK(recent.contains(id_of(2)));
  CHECK_FALSE(recent.contains(id_of(3)));
}

TEST_CASE("threads may record and find at the same time") {
  constexpr std::size_t count = 2000;
  constexpr std::size_t max_bytes = 262'144;
  RecentMeasurements recent({.successes = max_bytes});
  const auto write = [&](std::size_t first) {
    for (std::size_t number = first; number < count; number += 2) {
      Measurement measurement = number % 100 == 0 ? long_answer(number) : numbered(number);
      measurement.target.model = std::to_string(number % 7);
      recent.record(std::move(measurement));
    }
  };
  std::atomic<bool> written{false};
  std::size_t found = 0;
  std::size_t wrong = 0;
  const auto look_at_all = [&] {
    for (const auto& measurement : recent.all()) {
      wrong += measurement == nullptr ? 1U : 0U;
    }
    for (std::size_t number = 0; number < count; ++number) {
      const auto measurement = recent.find(id_of(number));
      found += measurement ? 1U : 0U;
      wrong += measurement && measurement->id != id_of(number) ? 1U : 0U;
    }
  };
  std::thread reader([&] {
    while (!written) {
      look_at_all();
    }
    look_at_all();
  });
  std::thread even(write, 0);
  std::thread odd(write, 1);
  even.join();
  odd.join();
  written = true;
  reader.join();
  CHECK(found > 0);
  CHECK(wrong == 0);
  // Which thread came last is open, but what it recorded last is the newest.
  CHECK((recent.find(id_of(count - 2)) || recent.find(id_of(count - 1))));
  CHECK(kept(recent, count) < max_bytes / sizeof(Measurement));
}
