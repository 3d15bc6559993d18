#include "metrics/histogram/exemplar.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

using inferometer::metrics::Exemplar;
using inferometer::metrics::ExemplarSlot;

namespace {

/// One whose parts tell each other.
Exemplar make_exemplar(std::uint64_t number) {
  const auto value = static_cast<double>(number);
  return {.measurement = number, .value = value, .unix_seconds = 2 * value};
}

}  // namespace

TEST_CASE("a new exemplar slot is empty") {
  CHECK_FALSE(ExemplarSlot().load());
}

TEST_CASE("an exemplar slot holds what was stored last") {
  ExemplarSlot slot;
  slot.store(make_exemplar(1));
  CHECK(slot.load() == make_exemplar(1));
  slot.store(make_exemplar(2));
  CHECK(slot.load() == make_exemplar(2));
}

TEST_CASE("an exemplar is never a mixture of two, however many threads store") {
  ExemplarSlot slot;
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  threads.reserve(3);
  for (std::uint64_t i = 0; i < 3; ++i) {
    threads.emplace_back([&slot, &stop, i] {
      for (std::uint64_t number = i; !stop; number += 3) {
        slot.store(make_exemplar(number));
      }
    });
  }
  int seen = 0;
  bool whole = true;
  while (seen < 20'000) {
    if (const auto exemplar = slot.load()) {
      ++seen;
      whole = whole && *exemplar == make_exemplar(exemplar->measurement);
    }
  }
  stop = true;
  for (std::thread& thread : threads) {
    thread.join();
  }
  CHECK(whole);
}
