#include "sim/model/rate_limits.hpp"

#include <doctest/doctest.h>

using namespace std::chrono_literals;
using namespace inferometer::sim;

TEST_CASE("rate limits: what is left goes down with each request and its tokens") {
  RateLimits limits;
  const Limits first = limits.spend(500);
  CHECK(first.requests.limit == 10'000);
  CHECK(first.requests.remaining == 9999);
  CHECK(first.requests.reset == 6ms);
  CHECK(first.tokens.limit == 2'000'000);
  CHECK(first.tokens.remaining == 1'999'500);
  CHECK(first.tokens.reset == 15ms);
  const Limits second = limits.spend(0);
  CHECK(second.requests.remaining == 9998);
  CHECK(second.tokens.remaining == 1'999'500);
}

TEST_CASE("rate limits: what is used up is whole again") {
  RateLimits limits;
  CHECK(limits.spend(2'000'000).tokens.remaining == 0);
  CHECK(limits.spend(0).tokens.remaining == 0);
  CHECK(limits.spend(1).tokens.remaining == 2'000'000);
  CHECK(limits.spend(5'000'000).tokens.remaining == 2'000'000);
}

TEST_CASE("rate limits: who has asked too often has nothing left for a minute") {
  const Limits none = RateLimits::exhausted();
  CHECK(none.requests.remaining == 0);
  CHECK(none.requests.reset == 1min);
  CHECK(none.tokens.remaining == 0);
}
