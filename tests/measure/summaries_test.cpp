#include "measure/summaries.hpp"

#include "measure/make_measurement.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>

using namespace inferometer::measure;
using inferometer::config::TargetKey;
using namespace std::chrono_literals;

namespace {

const TargetKey k_target = make_success().target;

Measurement make_failure() {
  Measurement failure = make_success({50ms, 60ms});
  failure.outcome = Outcome::connection_lost;
  failure.detail = "connection reset by peer";
  return failure;
}

Summary only(const Summaries& summaries) {
  const auto snapshot = summaries.snapshot();
  REQUIRE(snapshot.size() == 1);
  return snapshot.front();
}

}  // namespace

TEST_CASE("a target without attempts has counts of zero and no figures") {
  Summaries summaries;
  CHECK(summaries.snapshot().empty());
  summaries.set_targets({k_target});
  const Summary summary = only(summaries);
  CHECK(summary.target == k_target);
  CHECK(summary.attempts == 0);
  CHECK_FALSE(summary.last.has_value());
  CHECK_FALSE(summary.ttft_p50.has_value());
  CHECK_FALSE(summary.itl_p50.has_value());
  CHECK_FALSE(summary.output_tokens_per_second_p50.has_value());
}

TEST_CASE("figures are the exact quantiles of the successes") {
  Summaries summaries;
  summaries.set_targets({k_target});
  summaries.record(make_success({100ms, 110ms}));
  summaries.record(make_success({200ms, 230ms}));
  summaries.record(make_success({300ms, 320ms}));
  const Summary summary = only(summaries);
  CHECK(summary.attempts == 3);
  CHECK(summary.failures == 0);
  CHECK(summary.ttft_p50 == 200ms);
  CHECK(summary.ttft_p95 == 290ms);
  CHECK(summary.ttft_p99 == 298ms);
  CHECK(summary.itl_p50 == 20ms);
  CHECK(summary.output_tokens_per_second_p50.value() == doctest::Approx(500.0));
}

TEST_CASE("failures and suspects are counted and give no figures") {
  Summaries summaries;
  summaries.set_targets({k_target});
  Measurement suspect = make_success({900ms, 1900ms});
  suspect.suspect = true;
  summaries.record(make_success({200ms, 220ms}));
  summaries.record(make_failure());
  summaries.record(suspect);
  const Summary summary = only(summaries);
  CHECK(summary.attempts == 3);
  CHECK(summary.failures == 1);
  CHECK(summary.suspects == 1);
  REQUIRE(summary.last);
  CHECK(summary.last->suspect);
  CHECK(summary.ttft_p99 == 200ms);
  CHECK(summary.itl_p50 == 20ms);
}

TEST_CASE("the last attempt is told in full whether it failed or not") {
  Summaries summaries;
  summaries.set_targets({k_target});
  summaries.record(make_success());
  Measurement failure = make_failure();
  failure.id = "fedcba9876543210";
  summaries.record(failure);
  const LastAttempt last = only(summaries).last.value();
  CHECK(last.id == "fedcba9876543210");
  CHECK(last.started_at == failure.started_at);
  CHECK(last.outcome == Outcome::connection_lost);
  CHECK(last.detail == "connection reset by peer");
  CHECK(last.http_status == 200);
  CHECK(last.ttft == 50ms);
  CHECK(last.duration == 2s);
}

TEST_CASE("a success without usage or gaps adds what it has") {
  Summaries summaries;
  summaries.set_targets({k_target});
  Measurement measurement = make_success({200ms});
  measurement.usage.reset();
  summaries.record(measurement);
  const Summary summary = only(summaries);
  CHECK(summary.ttft_p50 == 200ms);
  CHECK_FALSE(summary.itl_p50.has_value());
  CHECK_FALSE(summary.output_tokens_per_second_p50.has_value());
}

TEST_CASE("only the last thousand attempts are in the figures") {
  Summaries summaries;
  summaries.set_targets({k_target});
  for (int i = 0; i < 1024; ++i) {
    summaries.record(make_success({100ms}));
  }
  for (int i = 0; i < 1023; ++i) {
    summaries.record(make_success({200ms}));
  }
  CHECK(only(summaries).ttft_p99 == 200ms);
  CHECK(only(summaries).ttft_p50 == 200ms);
  summaries.record(make_success({200ms}));
  for (int i = 0; i < 512; ++i) {
    summaries.record(make_success({300ms}));
  }
  CHECK(only(summaries).ttft_p50 == 250ms);
  CHECK(only(summaries).attempts == 1024 + 1024 + 512);
}

TEST_CASE("only the last four thousand gaps are in the figures") {
  Summaries summaries;
  summaries.set_targets({k_target});
  for (int i = 0; i < 3000; ++i) {
    summaries.record(make_success({100ms, 110ms}));
  }
  for (int i = 0; i < 2049; ++i) {
    summaries.record(make_success({100ms, 120ms}));
  }
  CHECK(only(summaries).itl_p50 == 20ms);
}

TEST_CASE("a removed target vanishes and what comes for it later is dropped") {
  Summaries summaries;
  const TargetKey other{"anthropic", "claude", "chat-short"};
  summaries.set_targets({k_target, other});
  summaries.record(make_success());
  summaries.set_targets({other});
  summaries.record(make_success());
  CHECK(only(summaries).target == other);
  CHECK(only(summaries).attempts == 0);
  summaries.set_targets({k_target, other});
  REQUIRE(summaries.snapshot().size() == 2);
  CHECK(summaries.snapshot().front().target == other);
  CHECK(summaries.snapshot().back().attempts == 0);
}

TEST_CASE("a kept target keeps its figures over a reload") {
  Summaries summaries;
  summaries.set_targets({k_target});
  summaries.record(make_success());
  summaries.set_targets({{"anthropic", "claude", "chat-short"}, k_target});
  CHECK(summaries.snapshot().back().attempts == 1);
}

TEST_CASE("recording and reading and reloading go on at the same time") {
  Summaries summaries;
  summaries.set_targets({k_target});
  std::atomic<bool> done = false;
  std::thread reader([&] {
    while (!done) {
      for (const Summary& summary : summaries.snapshot()) {
        CHECK(summary.failures <= summary.attempts);
      }
      summaries.set_targets({k_target});
    }
  });
  for (int i = 0; i < 2000; ++i) {
    summaries.record(i % 2 == 0 ? make_success() : make_failure());
  }
  done = true;
  reader.join();
  CHECK(only(summaries).attempts == 2000);
  CHECK(only(summaries).failures == 1000);
}
