#include "selftest/cpus.hpp"

#include <doctest/doctest.h>

#include <ctime>

using namespace inferometer;

TEST_CASE("cpus: a scope keeps its thread on one CPU, and lets it go again") {
  const std::vector<int> before = selftest::allowed_cpus();
  REQUIRE_FALSE(before.empty());
  {
    const selftest::PinnedTo pinned(before.back());
    CHECK(selftest::allowed_cpus() == std::vector<int>{before.back()});
  }
  CHECK(selftest::allowed_cpus() == before);
}

TEST_CASE("cpus: busy threads use processor time until their scope ends") {
  const std::clock_t before = std::clock();
  {
    const selftest::BusyThreads busy({selftest::allowed_cpus().front()});
    while (std::clock() - before < CLOCKS_PER_SEC / 50) {
      std::this_thread::yield();
    }
  }
  const std::clock_t after = std::clock();
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  CHECK(std::clock() - after < CLOCKS_PER_SEC / 50);
}
