#include "sim/model/profile.hpp"

#include <doctest/doctest.h>

using namespace std::chrono_literals;
using inferometer::sim::find_profile;
using inferometer::sim::Profile;
using inferometer::sim::profiles;

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
