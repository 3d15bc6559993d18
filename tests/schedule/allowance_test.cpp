#include "schedule/allowance.hpp"

#include <doctest/doctest.h>

using inferometer::base::MonotonicTime;
using inferometer::schedule::Allowance;
using namespace std::chrono_literals;

namespace {

constexpr MonotonicTime k_start{std::chrono::hours(1)};

}  // namespace

TEST_CASE("allowance: without a bound everything is allowed") {
  Allowance allowance(std::nullopt);
  for (int i = 0; i < 1000; ++i) {
    REQUIRE(allowance.take(k_start));
  }
  CHECK_FALSE(allowance.held_until());
}

TEST_CASE("allowance: no minute has more requests than allowed wherever it begins") {
  Allowance allowance(3);
  CHECK(allowance.take(k_start));
  CHECK(allowance.take(k_start + 50s));
  CHECK(allowance.take(k_start + 55s));
  CHECK_FALSE(allowance.take(k_start + 59s));
  CHECK(allowance.take(k_start + 60s));
  CHECK_FALSE(allowance.take(k_start + 61s));
  CHECK_FALSE(allowance.take(k_start + 109s));
  CHECK(allowance.take(k_start + 110s));
}

TEST_CASE("allowance: a refusal is not counted as a request") {
  Allowance allowance(1);
  CHECK(allowance.take(k_start));
  CHECK_FALSE(allowance.take(k_start + 59s));
  CHECK(allowance.take(k_start + 60s));
}

TEST_CASE("allowance: a hold ends at its time and a shorter one does not shorten it") {
  Allowance allowance(std::nullopt);
  allowance.hold_until(k_start + 10s);
  allowance.hold_until(k_start + 5s);
  CHECK(allowance.held_until() == k_start + 10s);
  CHECK_FALSE(allowance.take(k_start + 9s));
  CHECK(allowance.take(k_start + 10s));
}
