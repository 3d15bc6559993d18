#include "measure/recent.hpp"

#include "measure/make_measurement.hpp"

#include <doctest/doctest.h>

#include <atomic>
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
std::size_t kept(const Recent& recent, std::size_t count) {
  std::size_t result = 0;
  for (std::size_t number = 0; number < count; ++number) {
    result += recent.find(id_of(number)) != nullptr ? 1U : 0U;
  }
  return result;
}

}  // namespace

TEST_CASE("a recent measurement is found whole by its id and others are not") {
  Recent recent;
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
  Recent recent(max_bytes);
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
    Recent recent(max_bytes);
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
  Recent recent(100'000);
  Measurement measurement = numbered(1);
  measurement.content_arrivals.reserve(20'000);
  recent.record(std::move(measurement));
  CHECK(recent.find(id_of(1)) == nullptr);
}

TEST_CASE("the same id twice replaces the first and makes room only once") {
  Recent recent(500'000);
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
  Recent recent(500'000);
  for (const std::size_t number : {1U, 2U, 1U, 3U}) {
    recent.record(long_answer(number));
  }
  CHECK(recent.find(id_of(1)) != nullptr);
  CHECK(recent.find(id_of(2)) == nullptr);
}

TEST_CASE("a measurement larger than all the room is dropped and drives nothing out") {
  Recent recent(50'000);
  recent.record(numbered(1));
  recent.record(long_answer(2));
  CHECK(recent.find(id_of(1)) != nullptr);
  CHECK(recent.find(id_of(2)) == nullptr);
}

TEST_CASE("without room nothing is kept") {
  Recent recent(0);
  recent.record(numbered(1));
  CHECK(recent.find(id_of(1)) == nullptr);
}

TEST_CASE("a measurement that someone holds outlives its place and the store") {
  std::shared_ptr<const Measurement> held;
  {
    Recent recent(300'000);
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

TEST_CASE("threads may record and find at the same time") {
  constexpr std::size_t count = 2000;
  constexpr std::size_t max_bytes = 262'144;
  Recent recent(max_bytes);
  const auto write = [&](std::size_t first) {
    for (std::size_t number = first; number < count; number += 2) {
      recent.record(number % 100 == 0 ? long_answer(number) : numbered(number));
    }
  };
  std::atomic<bool> written{false};
  std::size_t found = 0;
  std::size_t wrong = 0;
  const auto look_at_all = [&] {
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
