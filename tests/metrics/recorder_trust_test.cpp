#include "measure/trust.hpp"
#include "metrics/families.hpp"
#include "metrics/one_target.hpp"
#include "metrics/recorder.hpp"

#include <doctest/doctest.h>

#include <cstdint>

using namespace inferometer::metrics;
using inferometer::measure::is_suspect;
using inferometer::measure::k_outcomes;
using inferometer::measure::make_success;
using inferometer::measure::Measurement;
using inferometer::measure::Outcome;
using namespace std::chrono_literals;

TEST_CASE_FIXTURE(OneTarget, "a suspect attempt is counted and stays out of every histogram") {
  Measurement suspect = make_success({200ms, 5200ms});
  suspect.suspect = true;
  suspect.coalesced = 2;
  suspect.connection.tcp.emplace();
  suspect.connection.tcp->retransmissions = 3;
  record(recorder, suspect);
  suspect.outcome = Outcome::stalled;
  suspect.usage.reset();
  record(recorder, suspect);
  const Families families = recorder.collect();
  CHECK(value(families, "llm_probe_attempts_total") == 2);
  CHECK(value(families, "llm_probe_suspect_total", "success") == 1);
  CHECK(value(families, "llm_probe_suspect_total", "stalled") == 1);
  CHECK(value(families, "llm_probe_failures_total", "stalled") == 1);
  CHECK(value(families, "llm_probe_tokens_total", "input") == 512);
  CHECK(value(families, "llm_probe_stalls_total") == 0);
  CHECK(value(families, "llm_probe_coalesced_total") == 0);
  CHECK(value(families, "llm_probe_tcp_retransmissions_total") == 6);
  CHECK(histogram_names(families).empty());
}

TEST_CASE_FIXTURE(OneTarget, "every outcome that can be suspect is there from the start") {
  const Families families = recorder.collect();
  const auto* const suspects = find_family(families, "llm_probe_suspect_total");
  REQUIRE(suspects);
  CHECK(suspects->samples.size() == 5);
  for (const char* const outcome :
       {"success", "connect_timeout", "first_token_timeout", "stalled", "total_timeout"}) {
    CHECK(value(families, "llm_probe_suspect_total", outcome) == 0);
  }
}

TEST_CASE_FIXTURE(OneTarget,
                  "attempts are the samples of TTFT and the failures and the suspect successes") {
  std::uint64_t attempts = 0;
  for (const Outcome outcome : k_outcomes) {
    for (const auto slack : {0us, 1000us, 1001us, 5'000'000us}) {
      Measurement measurement = make_success();
      measurement.outcome = outcome;
      measurement.slacks.first_content = slack;
      measurement.slacks.ended = slack;
      measurement.suspect = is_suspect(measurement);
      record(recorder, measurement);
      ++attempts;
    }
    Measurement contradictory = make_success();
    contradictory.outcome = outcome;
    contradictory.timeline.request_begin = contradictory.timeline.ended;
    contradictory.suspect = is_suspect(contradictory);
    record(recorder, contradictory);
    ++attempts;
  }
  const Families families = recorder.collect();
  double failures = 0;
  for (const auto& sample : find_family(families, "llm_probe_failures_total")->samples) {
    failures += std::get<double>(sample.value);
  }
  const double suspects = value(families, "llm_probe_suspect_total", "success");
  CHECK(suspects == 3);
  CHECK(value(families, "llm_probe_attempts_total") == static_cast<double>(attempts));
  CHECK(static_cast<double>(histogram(families, "llm_probe_ttft_seconds").count) + failures +
            suspects ==
        static_cast<double>(attempts));
  CHECK(value(families, "llm_probe_suspect_total", "total_timeout") == 2);
}

TEST_CASE_FIXTURE(OneTarget, "a figure that is too inexact is no sample and the others are") {
  Measurement measurement = make_full();
  measurement.slacks.set_up = 2ms;
  measurement.slacks.connected = 2ms;
  record(recorder, measurement);
  const Families families = recorder.collect();
  CHECK(histogram(families, "llm_probe_ttft_seconds").count == 1);
  CHECK(histogram(families, "llm_probe_phase_seconds", "dns").count == 1);
  CHECK_FALSE(histogram_names(families).contains("llm_probe_duration_seconds"));
  CHECK(find_family(families, "llm_probe_phase_seconds")->samples.size() == 3);
  CHECK(value(families, "llm_probe_suspect_total", "success") == 0);
}

TEST_CASE_FIXTURE(OneTarget, "lost gaps are counted and in no histogram") {
  Measurement measurement = make_success();
  measurement.content_arrivals[1].first_slack = 2ms;
  record(recorder, measurement);
  const Families families = recorder.collect();
  CHECK(value(families, "llm_probe_gaps_lost_total") == 2);
  CHECK_FALSE(histogram_names(families).contains("llm_probe_inter_token_latency_seconds"));
  CHECK(histogram(families, "llm_probe_ttft_seconds").count == 1);
}

TEST_CASE_FIXTURE(OneTarget, "a buffered stream is counted and has a TTFT and no rates") {
  Measurement measurement = make_success({800ms, 802ms});
  measurement.content_events = 60;
  measurement.usage->output = 60;
  record(recorder, measurement);
  const Families families = recorder.collect();
  CHECK(value(families, "llm_probe_buffered_total") == 1);
  CHECK(histogram(families, "llm_probe_ttft_seconds").count == 1);
  CHECK(histogram(families, "llm_probe_duration_seconds").count == 1);
  for (const char* const name :
       {"llm_probe_inter_token_latency_seconds", "llm_probe_time_per_output_token_seconds",
        "llm_probe_output_tokens_per_second"}) {
    CHECK_FALSE(histogram_names(families).contains(name));
  }
}

TEST_CASE_FIXTURE(OneTarget, "the round trip of a failure shows too as it may tell the reason") {
  Measurement failure = make_failure(Outcome::stalled);
  failure.connection.tcp.emplace();
  failure.connection.tcp->rtt = 30ms;
  record(recorder, failure);
  CHECK(histogram(recorder.collect(), "llm_probe_tcp_rtt_seconds").count == 1);
}

TEST_CASE_FIXTURE(OneTarget, "a certificate that never expires shows the year that it says") {
  Measurement measurement = make_success();
  measurement.connection.certificate_expiry = std::chrono::sys_seconds(253'402'300'799s);
  record(recorder, measurement);
  CHECK(value(recorder.collect(), "llm_probe_tls_certificate_expiry_timestamp_seconds") ==
        253'402'300'799);
}
