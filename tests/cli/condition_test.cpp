#include "cli/condition.hpp"

#include <doctest/doctest.h>

namespace inferometer::cli {
namespace {

Condition condition(std::string_view text) {
  const auto parsed = parse_condition(text);
  REQUIRE_MESSAGE(parsed.has_value(), (parsed ? "" : parsed.error().message));
  return *parsed;
}

/// The message, and the column that its last line points at, from 1.
std::pair<std::string, std::size_t> refusal(std::string_view text) {
  const auto parsed = parse_condition(text);
  REQUIRE_FALSE(parsed.has_value());
  const std::string& message = parsed.error().message;
  const std::size_t last = message.rfind('\n');
  return {message.substr(0, message.find('\n')), message.size() - last - 3};
}

Tally tally_of(Figure figure, std::vector<double> samples) {
  Tally tally;
  tally.attempts = samples.size();
  tally.samples[static_cast<std::size_t>(figure)] = std::move(samples);
  return tally;
}

bool holds(std::string_view text, const Tally& tally) {
  return judge(condition(text), tally).has_value();
}

}  // namespace

TEST_CASE("a figure without an aggregate is held against any sample") {
  const Tally tally = tally_of(Figure::ttft, {0.2, 0.9, 0.4});
  CHECK(holds("ttft>800ms", tally));
  CHECK_FALSE(holds("ttft>1s", tally));
  CHECK(holds("ttft<300ms", tally));
  CHECK_FALSE(holds("ttft<100ms", tally));
  CHECK(judge(condition("ttft>800ms"), tally) == "ttft>800ms: it is 900.000ms, of 3 samples");
}

TEST_CASE("aggregates are the exact ones of the summary") {
  const Tally tally = tally_of(Figure::itl, {0.010, 0.020, 0.030, 0.040, 0.050});
  CHECK(holds("p50(itl)>=30ms", tally));
  CHECK_FALSE(holds("p50(itl)>30ms", tally));
  CHECK(holds("mean(itl)<30.1ms", tally));
  CHECK(holds(" p95 ( itl ) > 47ms ", tally));
  CHECK_FALSE(holds("p95(itl)>49ms", tally));
  CHECK(holds("max(itl)>49ms", tally));
  CHECK(holds("min(itl)<11ms", tally));
  CHECK(holds("p99.9(itl)>49.9ms", tally));
}

TEST_CASE("each bound is met or not at the bound itself as its operator says") {
  const Tally tally = tally_of(Figure::output_speed, {20.0});
  CHECK_FALSE(holds("output_speed<20", tally));
  CHECK(holds("output_speed<=20", tally));
  CHECK_FALSE(holds("output_speed>20", tally));
  CHECK(holds("output_speed>=20", tally));
  CHECK(judge(condition("output_speed<20.5"), tally) == "output_speed<20.5: it is 20.0 tokens/s");
}

TEST_CASE("a figure without a value never passes") {
  Tally tally = tally_of(Figure::duration, {1.0});
  tally.attempts = 3;
  tally.suspects = 1;
  tally.failures[measure::Outcome::stalled] = 2;
  CHECK(judge(condition("ttft>1h"), tally) ==
        "ttft>1h: it has no value: of 3 attempted, 2 failed and 1 suspect");
  CHECK(holds("tpot<1ns", tally));
  CHECK_FALSE(holds("duration>1s", tally));
  CHECK(holds("failures>5", Tally()));
  CHECK_FALSE(reasons_to_fail({}, Tally()).empty());
}

TEST_CASE("a failed attempt fails the run unless a condition is about failures") {
  Tally tally = tally_of(Figure::ttft, {0.1, 0.1, 0.1});
  tally.attempts = 4;
  tally.failures[measure::Outcome::rate_limited] = 1;
  CHECK(reasons_to_fail({}, tally) == std::vector<std::string>{"1 of 4 attempts failed"});
  CHECK(reasons_to_fail({condition("ttft>1s")}, tally).size() == 1);
  CHECK(reasons_to_fail({condition("ttft>1s"), condition("failures>1")}, tally).empty());
  CHECK(reasons_to_fail({condition("failure_ratio>25%")}, tally).empty());
  CHECK(reasons_to_fail({condition("failure_ratio>=25%")}, tally) ==
        std::vector<std::string>{"failure_ratio>=25%: 1 of 4 attempts failed"});
  CHECK(reasons_to_fail({condition("failure_ratio>0.2")}, tally).size() == 1);
  CHECK(reasons_to_fail({condition("failures>0"), condition("ttft>50ms")}, tally).size() == 2);
  CHECK(reasons_to_fail({}, tally_of(Figure::ttft, {0.1})).empty());
}

TEST_CASE("what is wrong is told with its place") {
  using Refusal = std::pair<std::string, std::size_t>;
  CHECK(refusal("ttft>1") ==
        Refusal("a duration with its unit is needed, such as 500ms or 1.5s", 6));
  CHECK(refusal("ttft > ").second == 8);
  CHECK(refusal("tttft>1s") == Refusal("unknown figure: did you mean \"ttft\"?", 1));
  CHECK(refusal("p95(it)>1s").second == 5);
  CHECK(refusal("p101(ttft)>1s").second == 1);
  CHECK(refusal("median(ttft)>1s").first.find("p95") != std::string::npos);
  CHECK(refusal("p95(ttft>1s") == Refusal("a ) is missing", 9));
  CHECK(refusal("ttft=1s") == Refusal("one of > >= < <= is missing", 5));
  CHECK(refusal("ttft") == Refusal("one of > >= < <= is missing", 5));
  CHECK(refusal("").second == 1);
  CHECK(refusal("output_speed<20s").second == 14);
  CHECK(refusal("failures>-1").second == 10);
  CHECK(refusal("failures>nan").second == 10);
  CHECK(refusal("failure_ratio>200%").second == 15);
  CHECK(refusal("failure_ratio>5").second == 15);
  CHECK(refusal("p95(failures)>1").second == 5);
  CHECK(refusal("ttft>1s x").second == 6);
}

}  // namespace inferometer::cli
