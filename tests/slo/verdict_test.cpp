#include "slo/verdict.hpp"

#include "measure/make_measurement.hpp"

#include <doctest/doctest.h>

using namespace std::chrono_literals;

namespace inferometer::slo {
namespace {

using config::Sli;
using measure::Measurement;
using measure::Outcome;

Verdict judge_it(const Sli& sli, const Measurement& measurement) {
  return judge(sli, measurement, measure::samples(measurement));
}

const Sli k_availability{};
/// What make_success() gives is a TTFT of 200 ms, gaps of 20 and 30 ms, 11 tokens within 50 ms, and
/// 2 s in all.
const Sli k_every_condition{.ttft_below = 200ms,
                            .first_reasoning_below = {},
                            .inter_token_latency_below = 30ms,
                            .time_per_output_token_below = 5ms,
                            .duration_below = 2s,
                            .output_tokens_per_second_above = 200};

}  // namespace

TEST_CASE("a success is good to an SLO of availability") {
  CHECK(judge_it(k_availability, measure::make_success()) == Verdict::good);
}

TEST_CASE("a failure is bad to every SLO and an internal error to none") {
  for (const Outcome outcome : measure::k_outcomes) {
    if (outcome == Outcome::success) {
      continue;
    }
    CAPTURE(to_string(outcome));
    Measurement failed = measure::make_success();
    failed.outcome = outcome;
    const Verdict expected =
        outcome == Outcome::internal_error ? Verdict::not_judged : Verdict::bad;
    CHECK(judge_it(k_availability, failed) == expected);
    CHECK(judge_it({.ttft_below = 1h}, failed) == expected);
    CHECK(judge_it(k_every_condition, failed) == expected);
  }
}

TEST_CASE("a suspect attempt is no event, whatever became of it") {
  Measurement suspect = measure::make_success();
  suspect.suspect = true;
  CHECK(judge_it(k_availability, suspect) == Verdict::not_judged);
  suspect.outcome = Outcome::first_token_timeout;
  CHECK(judge_it(k_availability, suspect) == Verdict::not_judged);
  CHECK(judge_it({.ttft_below = 1ms}, suspect) == Verdict::not_judged);
}

TEST_CASE("a latency is good up to its threshold and a speed from it on") {
  const Measurement success = measure::make_success();
  CHECK(judge_it({.ttft_below = 200ms}, success) == Verdict::good);
  CHECK(judge_it({.ttft_below = 200ms - 1ns}, success) == Verdict::bad);
  CHECK(judge_it({.time_per_output_token_below = 5ms}, success) == Verdict::good);
  CHECK(judge_it({.time_per_output_token_below = 5ms - 1ns}, success) == Verdict::bad);
  CHECK(judge_it({.duration_below = 2s}, success) == Verdict::good);
  CHECK(judge_it({.duration_below = 2s - 1ns}, success) == Verdict::bad);
  CHECK(judge_it({.output_tokens_per_second_above = 200}, success) == Verdict::good);
  CHECK(judge_it({.output_tokens_per_second_above = 200.001}, success) == Verdict::bad);
}

TEST_CASE("each gap of an attempt must keep the inter-token latency") {
  const Measurement success = measure::make_success();
  CHECK(judge_it({.inter_token_latency_below = 30ms}, success) == Verdict::good);
  CHECK(judge_it({.inter_token_latency_below = 30ms - 1ns}, success) == Verdict::bad);
}

TEST_CASE("the time to first reasoning is judged where there was any") {
  Measurement success = measure::make_success();
  CHECK(judge_it({.first_reasoning_below = 1s}, success) == Verdict::not_judged);
  success.timeline.first_reasoning = *success.timeline.request_begin + 150ms;
  CHECK(judge_it({.first_reasoning_below = 150ms}, success) == Verdict::good);
  CHECK(judge_it({.first_reasoning_below = 149ms}, success) == Verdict::bad);
}

TEST_CASE("what a condition needs and an attempt does not have is not judged") {
  Measurement success = measure::make_success();
  success.usage.reset();
  CHECK(judge_it({.time_per_output_token_below = 1h}, success) == Verdict::not_judged);
  CHECK(judge_it({.output_tokens_per_second_above = 1}, success) == Verdict::not_judged);
  CHECK(judge_it({.ttft_below = 1h}, success) == Verdict::good);
  CHECK(judge_it({.inter_token_latency_below = 1h}, measure::make_success({200ms})) ==
        Verdict::not_judged);
}

TEST_CASE("a gap that our own delay spoilt is not judged unless a known one is too long") {
  Measurement success = measure::make_success(
      {200ms, 210ms, 220ms, 230ms, 240ms, 250ms, 260ms, 270ms, 280ms, 290ms, 300ms, 340ms});
  success.content_arrivals[11].first_slack = 5ms;
  REQUIRE(measure::lost_gaps(success) == 1);
  CHECK(judge_it({.inter_token_latency_below = 10ms}, success) == Verdict::not_judged);
  CHECK(judge_it({.inter_token_latency_below = 9ms}, success) == Verdict::bad);
}

TEST_CASE("several conditions are good together only") {
  const Measurement success = measure::make_success();
  CHECK(judge_it(k_every_condition, success) == Verdict::good);
  Sli one_missed = k_every_condition;
  one_missed.output_tokens_per_second_above = 201;
  CHECK(judge_it(one_missed, success) == Verdict::bad);
}

TEST_CASE("a condition that is missed decides where another one is not known") {
  Measurement success = measure::make_success();
  success.usage.reset();
  CHECK(judge_it({.ttft_below = 1ms, .time_per_output_token_below = 1h}, success) == Verdict::bad);
  CHECK(judge_it({.ttft_below = 1h, .time_per_output_token_below = 1h}, success) ==
        Verdict::not_judged);
}

}  // namespace inferometer::slo
