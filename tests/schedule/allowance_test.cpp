#include "schedule/allowance.hpp"

#include "fakes/fake_clock.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <set>
#include <string_view>

using inferometer::base::MonotonicTime;
using inferometer::fakes::FakeClock;
using inferometer::schedule::Allowance;
using inferometer::schedule::k_skip_reasons;
using inferometer::schedule::Rate;
using inferometer::schedule::RateLimit;
using inferometer::schedule::share_of;
using inferometer::schedule::SkipReason;
using namespace std::chrono_literals;

namespace {

constexpr MonotonicTime k_start{std::chrono::hours(1)};

/// An allowance of a provider that has no bound.
Allowance make_allowance(inferometer::base::Duration max_hold) {
  return {std::make_shared<RateLimit>(std::nullopt), max_hold};
}

}  // namespace

TEST_CASE("skip reasons have names of their own") {
  CHECK(to_string(SkipReason::overlap) == "overlap");
  CHECK(to_string(SkipReason::late) == "late");
  CHECK(to_string(SkipReason::rate_limited) == "rate_limited");
  CHECK(to_string(SkipReason::held) == "held");
  CHECK(k_skip_reasons.size() == 4);
}

TEST_CASE("rate limit: without a bound everything is allowed") {
  RateLimit limit(std::nullopt);
  for (int i = 0; i < 1000; ++i) {
    REQUIRE(limit.take(k_start));
  }
}

TEST_CASE("rate limit: no minute has more requests than allowed wherever it begins") {
  RateLimit limit(Rate{3});
  CHECK(limit.take(k_start));
  CHECK(limit.take(k_start + 50s));
  CHECK(limit.take(k_start + 55s));
  CHECK_FALSE(limit.take(k_start + 59s));
  CHECK(limit.take(k_start + 60s));
  CHECK_FALSE(limit.take(k_start + 61s));
  CHECK_FALSE(limit.take(k_start + 109s));
  CHECK(limit.take(k_start + 110s));
}

TEST_CASE("rate limit: a refusal is not counted as a request") {
  RateLimit limit(Rate{1});
  CHECK(limit.take(k_start));
  CHECK_FALSE(limit.take(k_start + 59s));
  CHECK(limit.take(k_start + 60s));
}

TEST_CASE("rate limit: a changed bound counts what began under the one before") {
  RateLimit limit(Rate{3});
  CHECK(limit.take(k_start));
  CHECK(limit.take(k_start + 1s));
  SUBCASE("the same bound again") {
    limit.set(Rate{3});
    CHECK(limit.take(k_start + 2s));
    CHECK_FALSE(limit.take(k_start + 3s));
  }
  SUBCASE("a lower one") {
    limit.set(Rate{1});
    CHECK_FALSE(limit.take(k_start + 60s));
    CHECK(limit.take(k_start + 61s));
  }
  SUBCASE("none") {
    limit.set(std::nullopt);
    for (int i = 0; i < 10; ++i) {
      CHECK(limit.take(k_start + 2s));
    }
  }
}

TEST_CASE("allowance: the models of a provider share its rate limit and not its holds") {
  FakeClock clock;
  const auto limit = std::make_shared<RateLimit>(Rate{2});
  Allowance one(limit, 5min);
  Allowance other(limit, 5min);
  one.hold(10s, clock);
  CHECK(one.take(clock.now()) == SkipReason::held);
  CHECK_FALSE(one.take(clock.now() + 10s));  // what was held took nothing of the minute
  CHECK_FALSE(other.take(clock.now() + 10s));
  CHECK(other.take(clock.now() + 11s) == SkipReason::rate_limited);
  CHECK(one.take(clock.now() + 11s) == SkipReason::rate_limited);
}

TEST_CASE("allowance: a hold ends at its time and a shorter one does not shorten it") {
  FakeClock clock;
  Allowance allowance = make_allowance(5min);
  CHECK_FALSE(allowance.held_until());
  allowance.hold(10s, clock);
  allowance.hold(5s, clock);
  CHECK(allowance.held_until() == clock.wall_now() + 10s);
  CHECK(allowance.take(clock.now() + 10s - 1ns) == SkipReason::held);
  CHECK_FALSE(allowance.take(clock.now() + 10s));
}

TEST_CASE("allowance: no hold is longer than its bound whatever the provider asks for") {
  FakeClock clock;
  Allowance allowance = make_allowance(5min);
  allowance.hold(24h, clock);
  CHECK(allowance.held_until() == clock.wall_now() + 5min);
  CHECK(allowance.take(clock.now() + 5min - 1ns) == SkipReason::held);
  CHECK_FALSE(allowance.take(clock.now() + 5min));
}

TEST_CASE("a share of a rate limit is whole requests a minute, or one in some minutes") {
  CHECK(share_of(30, 1).requests == 30);
  CHECK(share_of(30, 1).period == 1min);
  CHECK(share_of(10, 1.0 / 3).requests == 3);
  CHECK(share_of(3, 1.0 / 3).requests == 1);
  CHECK(share_of(3, 0.1 + 0.2).requests == 1);
  CHECK(share_of(1, 0.25).requests == 1);
  CHECK(share_of(1, 0.25).period == 4min);
}

TEST_CASE("a rate of one in some minutes allows one in them") {
  RateLimit limit(Rate{.requests = 1, .period = 4min});
  const MonotonicTime start{100s};
  CHECK(limit.take(start));
  CHECK_FALSE(limit.take(start + 3min));
  CHECK(limit.take(start + 4min));
}
