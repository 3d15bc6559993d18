#include "sim/model/provider.hpp"

#include <doctest/doctest.h>

using namespace inferometer::sim;
using namespace std::chrono_literals;

TEST_CASE("the profiles have the figures of the article") {
  REQUIRE(profiles().size() == 4);
  const Profile& deepseek = **find_profile("deepseek-v3");
  CHECK(deepseek.ttft.quantile(0.5) == 48ms);
  CHECK(deepseek.ttft.quantile(0.95) == 72ms);
  CHECK(deepseek.ttft.quantile(0.99) == 95ms);
  CHECK(deepseek.itl.quantile(0.5) == 12ms);
  const Profile& a100 = **find_profile("vllm-a100");
  CHECK(a100.ttft.quantile(0.95) == 145ms);
  CHECK(a100.itl.quantile(0.5) == 18ms);
  const Profile& h100 = **find_profile("vllm-h100");
  CHECK(h100.ttft.quantile(0.99) == 135ms);
  CHECK(h100.itl.quantile(0.5) == 14ms);
  const Profile& gpt = **find_profile("gpt-4o");
  CHECK(gpt.ttft.quantile(0.5) == 320ms);
  CHECK(gpt.ttft.quantile(0.99) == 890ms);
  CHECK(gpt.itl.quantile(0.5) == 45ms);
}

TEST_CASE("the tail of the ITL is our assumption about the one figure of the article") {
  for (const Profile& profile : profiles()) {
    const auto median = profile.itl.quantile(0.5);
    CHECK(profile.itl.quantile(0.95) == median * 5 / 4);
    CHECK(profile.itl.quantile(0.99) == median * 3 / 2);
  }
}

TEST_CASE("an unknown profile is an error that lists the profiles there are") {
  const auto unknown = find_profile("gpt-5");
  REQUIRE(!unknown);
  CHECK(unknown.error().message ==
        "there is no profile 'gpt-5': use one of deepseek-v3, vllm-a100, vllm-h100, gpt-4o");
}

TEST_CASE("places pass to those who wait in the order of their arrival") {
  Slots slots(2, 0);
  CHECK(slots.acquire(1));
  CHECK(slots.acquire(2));
  CHECK(!slots.acquire(3));
  CHECK(!slots.acquire(4));
  CHECK(slots.waiting() == 2);
  CHECK(slots.release() == 3U);
  CHECK(slots.release() == 4U);
  CHECK(slots.running() == 2);
  CHECK(slots.waiting() == 0);
  CHECK(slots.release() == std::nullopt);
  CHECK(slots.release() == std::nullopt);
  CHECK(slots.running() == 0);
}

TEST_CASE("who has cancelled is passed over") {
  Slots slots(1, 0);
  CHECK(slots.acquire(1));
  CHECK(!slots.acquire(2));
  CHECK(!slots.acquire(3));
  slots.cancel(2);
  CHECK(slots.release() == 3U);
}

TEST_CASE("without a limit no one waits and nothing is slowed down") {
  Slots slots(0, 0);
  for (Slots::Id id = 0; id < 1000; ++id) {
    CHECK(slots.acquire(id));
  }
  CHECK(slots.load() == 1);
}

TEST_CASE("the load grows with those who run beside") {
  Slots slots(4, 2);
  CHECK(slots.load() == 1);
  CHECK(slots.acquire(1));
  CHECK(slots.load() == 1);
  CHECK(slots.acquire(2));
  CHECK(slots.load() == 1.5);
  CHECK(slots.acquire(3));
  CHECK(slots.acquire(4));
  CHECK(!slots.acquire(5));
  CHECK(slots.load() == 2.5);
}

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

TEST_CASE("rate limits: a client that has asked too often has nothing left for a minute") {
  const Limits none = RateLimits::exhausted();
  CHECK(none.requests.remaining == 0);
  CHECK(none.requests.reset == 1min);
  CHECK(none.tokens.remaining == 0);
}
