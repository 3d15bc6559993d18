#include "web/status.hpp"

#include "web/make_status.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace inferometer::web {
namespace {

using measure::Outcome;
using test::k_now;
using test::make_target;
using namespace std::chrono_literals;

std::vector<std::string> names(const std::vector<const TargetStatus*>& targets) {
  std::vector<std::string> result;
  for (const TargetStatus* const target : targets) {
    result.push_back(target->summary.target.provider);
  }
  return result;
}

}  // namespace

TEST_CASE("failing targets come first, then suspect ones, then the rest, each by name") {
  const std::vector<TargetStatus> targets{make_target("a", Outcome::success),
                                          make_target("b", Outcome::success, true),
                                          make_target("c", Outcome::stalled),
                                          make_target("d"),
                                          make_target("e", Outcome::first_token_timeout, true),
                                          make_target("f", Outcome::success, true)};
  CHECK(names(select_targets(targets, "", k_now)) ==
        std::vector<std::string>{"c", "e", "b", "f", "a", "d"});
}

TEST_CASE("totals count each state over all targets") {
  std::vector<TargetStatus> targets{make_target("a", Outcome::success),
                                    make_target("b", Outcome::success, true),
                                    make_target("c", Outcome::rate_limited), make_target("d")};
  targets[2].held_until = k_now + 1min;
  targets[3].held_until = k_now - 1min;  // is over
  const Totals totals = totals_of(targets, k_now);
  CHECK(totals.targets == 4);
  CHECK(totals.failing == 1);
  CHECK(totals.suspect == 1);
  CHECK(totals.held == 1);
}

TEST_CASE("a filter finds names, states, outcomes and details whatever their case") {
  TargetStatus target = make_target("OpenAI-eu", Outcome::rate_limited);
  target.held_until = k_now + 1s;
  for (const char* filter :
       {"", "openai", "OPENAI", "gpt", "chat-short", "failing", "held", "rate_limited",
        "Rate Limited", "429", "slow down", "eu gpt failing", "  openai  ", "_"}) {
    CAPTURE(filter);
    CHECK(matches(target, filter, k_now));
  }
  for (const char* filter :
       {"anthropic", "suspect", "good", "openai anthropic", "eugpt", "stalled"}) {
    CAPTURE(filter);
    CHECK_FALSE(matches(target, filter, k_now));
  }
}

TEST_CASE("a target that waits for its first result is none that fails") {
  CHECK(state_of(make_target("a")) == State::good);
  CHECK(matches(make_target("a"), "good", k_now));
}

}  // namespace inferometer::web
