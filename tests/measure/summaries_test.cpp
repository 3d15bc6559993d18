#include "measure/summaries.hpp"

#include "measure/make_measurement.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

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

/// Into the summary of its target, if that has one.
void record(const Summaries& summaries, const Measurement& measurement) {
  if (const auto target = summaries.find(measurement.target)) {
    target->record(measurement);
  }
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
  record(summaries, make_success({100ms, 110ms}));
  record(summaries, make_success({200ms, 230ms}));
  record(summaries, make_success({300ms, 320ms}));
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
  record(summaries, make_success({200ms, 220ms}));
  record(summaries, make_failure());
  record(summaries, suspect);
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
  record(summaries, make_success());
  Measurement failure = make_failure();
  failure.id = "fedcba9876543210";
  record(summaries, failure);
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
  record(summaries, measurement);
  const Summary summary = only(summaries);
  CHECK(summary.ttft_p50 == 200ms);
  CHECK_FALSE(summary.itl_p50.has_value());
  CHECK_FALSE(summary.output_tokens_per_second_p50.has_value());
}

TEST_CASE("only the last thousand attempts are in the figures") {
  Summaries summaries;
  summaries.set_targets({k_target});
  for (int i = 0; i < 1024; ++i) {
    record(summaries, make_success({100ms}));
  }
  for (int i = 0; i < 1023; ++i) {
    record(summaries, make_success({200ms}));
  }
  CHECK(only(summaries).ttft_p99 == 200ms);
  CHECK(only(summaries).ttft_p50 == 200ms);
  record(summaries, make_success({200ms}));
  for (int i = 0; i < 512; ++i) {
    record(summaries, make_success({300ms}));
  }
  CHECK(only(summaries).ttft_p50 == 250ms);
  CHECK(only(summaries).attempts == 1024 + 1024 + 512);
}

TEST_CASE("only the last four thousand gaps are in the figures") {
  Summaries summaries;
  summaries.set_targets({k_target});
  for (int i = 0; i < 3000; ++i) {
    record(summaries, make_success({100ms, 110ms}));
  }
  for (int i = 0; i < 2049; ++i) {
    record(summaries, make_success({100ms, 120ms}));
  }
  CHECK(only(summaries).itl_p50 == 20ms);
}

TEST_CASE("a removed target vanishes and what comes for it later is dropped") {
  Summaries summaries;
  const TargetKey other{"anthropic", "claude", "chat-short"};
  summaries.set_targets({k_target, other});
  record(summaries, make_success());
  summaries.set_targets({other});
  record(summaries, make_success());
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
  record(summaries, make_success());
  summaries.set_targets({{"anthropic", "claude", "chat-short"}, k_target});
  CHECK(summaries.snapshot().back().attempts == 1);
}

TEST_CASE("the history is the last thirty attempts in order with what a tick needs") {
  Summaries summaries;
  summaries.set_targets({k_target});
  for (int i = 0; i < 35; ++i) {
    Measurement measurement = i % 2 == 0 ? make_success({100ms + i * 1ms}) : make_failure();
    measurement.id = "00000000000000" + std::to_string(10 + i);
    measurement.started_at += i * 1s;
    measurement.suspect = i == 34;
    record(summaries, measurement);
  }
  const std::vector<PastAttempt> history = only(summaries).history;
  REQUIRE(history.size() == k_history);
  CHECK(history.front().id == 0x15);
  CHECK(history.front().outcome == Outcome::connection_lost);
  CHECK(history.front().started_at == make_success().started_at + 5s);
  CHECK_FALSE(history.front().figure.has_value());
  CHECK(history.back().id == 0x44);
  CHECK(history.back().outcome == Outcome::success);
  CHECK(history.back().suspect);
  CHECK(history.back().figure == 134ms);
}

TEST_CASE("where nothing streams the figures are durations") {
  Summaries summaries;
  summaries.set_targets({k_target});
  Measurement whole = make_success({});
  whole.streamed = false;
  record(summaries, whole);
  const Summary summary = only(summaries);
  CHECK_FALSE(summary.streamed);
  CHECK_FALSE(summary.ttft_p50.has_value());
  CHECK(summary.duration_p50 == 2s);
  CHECK(summary.duration_p99 == 2s);
  CHECK(summary.history.back().figure == 2s);
}

TEST_CASE("a workload that begins to stream mixes no durations into its TTFT") {
  Summaries summaries;
  summaries.set_targets({k_target});
  Measurement whole = make_success({});
  whole.streamed = false;
  record(summaries, whole);
  CHECK(only(summaries).duration_p50 == 2s);
  record(summaries, make_success({200ms}));
  const Summary summary = only(summaries);
  CHECK(summary.streamed);
  CHECK(summary.ttft_p50 == 200ms);
  CHECK_FALSE(summary.duration_p50.has_value());
  CHECK(summary.history.size() == 1);
  CHECK(summary.attempts == 2);
}

TEST_CASE("a run of failures is told from its first until a success ends it") {
  Summaries summaries;
  summaries.set_targets({k_target});
  record(summaries, make_success());
  CHECK_FALSE(only(summaries).failing.has_value());
  Measurement failure = make_failure();
  failure.started_at += 10s;
  record(summaries, failure);
  failure.started_at += 10s;
  record(summaries, failure);
  const auto run = only(summaries).failing;
  REQUIRE(run);
  CHECK(run->since == make_success().started_at + 10s);
  CHECK(run->attempts == 2);
  record(summaries, make_success());
  CHECK_FALSE(only(summaries).failing.has_value());
}

TEST_CASE("skipped ticks are counted by their reason") {
  Summaries summaries;
  summaries.set_targets({k_target});
  const auto target = summaries.find(k_target);
  REQUIRE(target != nullptr);
  target->skip("overlap", 2);
  target->skip("rate_limited", 5);
  target->skip("overlap", 1);
  const Summary summary = only(summaries);
  REQUIRE(summary.skips.size() == 2);
  CHECK(summary.skips.front().reason == "overlap");
  CHECK(summary.skips.front().count == 3);
  CHECK(summary.skips.back().count == 5);
  CHECK(summary.attempts == 0);
}

TEST_CASE("the certificate that was seen last is the one whose expiry is told") {
  Summaries summaries;
  summaries.set_targets({k_target});
  Measurement measurement = make_success();
  const std::chrono::sys_seconds expiry(std::chrono::seconds(2'000'000'000));
  measurement.connection.certificate_expiry = expiry;
  record(summaries, measurement);
  Measurement refused = make_failure();
  record(summaries, refused);  // which saw none
  CHECK(only(summaries).certificate_expiry == expiry);
}

TEST_CASE("who holds a target's summary records without a look-up over reloads") {
  Summaries summaries;
  const TargetKey other{"anthropic", "claude", "chat-short"};
  summaries.set_targets({k_target});
  const auto target = summaries.find(k_target);
  target->record(make_success());
  summaries.set_targets({other, k_target});
  CHECK(summaries.find(k_target) == target);
  target->record(make_success());
  CHECK(summaries.snapshot().back().attempts == 2);
  summaries.set_targets({other});
  CHECK(summaries.find(k_target) == nullptr);
  target->record(make_success());  // may still be used
  CHECK(target->snapshot().attempts == 3);
  CHECK(only(summaries).target == other);
}

TEST_CASE("figures follow each sample that comes between two looks") {
  Summaries summaries;
  summaries.set_targets({k_target});
  record(summaries, make_success({100ms}));
  CHECK(only(summaries).ttft_p99 == 100ms);
  CHECK(only(summaries).ttft_p99 == 100ms);
  record(summaries, make_failure());
  CHECK(only(summaries).ttft_p99 == 100ms);
  record(summaries, make_success({100ms, 120ms}));
  CHECK(only(summaries).itl_p50 == 20ms);
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
    record(summaries, i % 2 == 0 ? make_success() : make_failure());
  }
  done = true;
  reader.join();
  CHECK(only(summaries).attempts == 2000);
  CHECK(only(summaries).failures == 1000);
}
