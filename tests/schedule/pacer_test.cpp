#include "schedule/pacer.hpp"

#include "fakes/instants.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <string>

using inferometer::base::Duration;
using inferometer::base::MonotonicTime;
using inferometer::fakes::at;
using inferometer::schedule::next_tick;
using inferometer::schedule::phase_of;
using inferometer::schedule::ticks_between;
using namespace std::chrono_literals;

TEST_CASE("the next tick is strictly after now and in phase") {
  CHECK(next_tick(at(0s), 3s, 10s) == at(3s));
  CHECK(next_tick(at(3s - 1ns), 3s, 10s) == at(3s));
  CHECK(next_tick(at(3s), 3s, 10s) == at(13s));
  CHECK(next_tick(at(3s + 1ns), 3s, 10s) == at(13s));
  CHECK(next_tick(at(9s), 0s, 10s) == at(10s));
  CHECK(next_tick(at(10s), 0s, 10s) == at(20s));
  CHECK(next_tick(at(0s), 0s, 1ns) == at(1ns));
}

TEST_CASE("ticks go on through zero and before the clock's epoch") {
  CHECK(next_tick(at(0s), 0s, 10s) == at(10s));
  CHECK(next_tick(at(-1ns), 0s, 10s) == at(0s));
  CHECK(next_tick(at(-10s), 0s, 10s) == at(0s));
  CHECK(next_tick(at(-7s), 3s, 10s) == at(3s));
  CHECK(next_tick(at(-7s - 1ns), 3s, 10s) == at(-7s));
  CHECK(next_tick(at(-25s), 3s, 10s) == at(-17s));
}

TEST_CASE("a tick a century from the epoch is still exact") {
  constexpr Duration century = std::chrono::hours(24 * 36525);
  static_assert(century % 10s == 0s);
  CHECK(next_tick(at(century), 3s, 10s) == at(century + 3s));
  CHECK(next_tick(at(-century), 3s, 10s) == at(-century + 3s));
  CHECK(ticks_between(at(-century), at(century), 3s, 10s) ==
        2 * static_cast<std::uint64_t>(century / 10s));
}

TEST_CASE("ticks between two times count the end and not the beginning") {
  CHECK(ticks_between(at(3s), at(13s), 3s, 10s) == 1);
  CHECK(ticks_between(at(3s), at(13s - 1ns), 3s, 10s) == 0);
  CHECK(ticks_between(at(3s - 1ns), at(13s), 3s, 10s) == 2);
  CHECK(ticks_between(at(0s), at(100s), 3s, 10s) == 10);
  CHECK(ticks_between(at(-20s), at(20s), 3s, 10s) == 4);
}

TEST_CASE("no ticks lie between a time and itself or an earlier one") {
  CHECK(ticks_between(at(3s), at(3s), 3s, 10s) == 0);
  CHECK(ticks_between(at(33s), at(3s), 3s, 10s) == 0);
}

TEST_CASE("a phase lies within the interval and depends on the identity alone") {
  for (const Duration interval : std::array<Duration, 4>{1ns, 7ns, 1s, 24h}) {
    const Duration phase = phase_of("openai/gpt-4o/chat-short", interval);
    CHECK(phase >= 0ns);
    CHECK(phase < interval);
    CHECK(phase == phase_of("openai/gpt-4o/chat-short", interval));
  }
  // 64-bit FNV-1a of "a", from the specification: phases are the same in every release.
  CHECK(phase_of("a", 1h) == Duration(0xaf63dc4c8601ec8cU % 3'600'000'000'000U));
}

TEST_CASE("the phases of a thousand probes spread evenly over the interval") {
  constexpr std::size_t k_probes = 1000;
  constexpr std::size_t k_slots = 50;
  for (const Duration interval : std::array<Duration, 4>{1s, 10s, 60s, 1h}) {
    std::array<int, k_slots> slots{};
    for (std::size_t i = 0; i < k_probes; ++i) {
      const std::string identity = "openai/model-" + std::to_string(i) + "/chat-short";
      const Duration phase = phase_of(identity, interval);
      ++slots.at(static_cast<std::size_t>(phase * k_slots / interval));
    }
    constexpr double k_expected = static_cast<double>(k_probes) / k_slots;
    double chi_square = 0;
    for (const int count : slots) {
      chi_square += (count - k_expected) * (count - k_expected) / k_expected;
    }
    CHECK(chi_square < 85.4);  // 49 degrees of freedom: one even spread in a thousand exceeds it
  }
}
