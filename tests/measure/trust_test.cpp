#include "measure/trust.hpp"

#include "measure/make_measurement.hpp"

#include <doctest/doctest.h>

using namespace inferometer::measure;
using namespace std::chrono_literals;

namespace {

/// A slack of its own for each mark, so that no sum can be mistaken for another.
Slacks different_slacks() {
  return {.name_resolved = 1us,
          .connected = 2us,
          .tls_done = 4us,
          .request_begin = 8us,
          .request_sent = 16us,
          .headers = 32us,
          .first_byte = 64us,
          .first_reasoning = 128us,
          .first_content = 256us,
          .last_content = 512us,
          .ended = 1024us,
          .set_up = 2048us};
}

Measurement with_outcome(Outcome outcome) {
  Measurement measurement = make_success();
  measurement.outcome = outcome;
  return measurement;
}

/// Events of the same size, of which `early` came within 5 ms of the first.
Measurement in_bursts(std::uint32_t early, std::uint32_t late) {
  Measurement measurement = make_success({800ms, 802ms, 1400ms});
  measurement.content_events = early + late;
  measurement.content_bytes = 4ULL * (early + late);
  measurement.burst_bytes = 4ULL * early;
  measurement.usage = TokenUsage{.output = early + late};
  return measurement;
}

}  // namespace

TEST_CASE("the bound of a figure is the sum of the slacks at its two ends") {
  Measurement measurement = make_success();
  measurement.timeline.first_reasoning = *measurement.timeline.request_begin + 50ms;
  measurement.timeline.acknowledged = *measurement.timeline.request_sent + 10ms;
  measurement.connection.tcp.emplace();
  measurement.slacks = different_slacks();
  const ErrorBounds bounds = error_bounds(measurement);
  CHECK(bounds.ttft == 264us);
  CHECK(bounds.server_ttft == 280us);
  CHECK(bounds.first_reasoning == 136us);
  CHECK(bounds.duration == 3072us);
  CHECK(bounds.text_span == 768us);
  CHECK(bounds.phases.dns == 1us);
  CHECK(bounds.phases.connect == 3us);
  CHECK(bounds.phases.tls == 6us);
  CHECK(bounds.phases.send == 24us);
  CHECK(bounds.phases.wait == 80us);
}

TEST_CASE("a figure without value has no bound") {
  const ErrorBounds bounds = error_bounds(Measurement());
  CHECK_FALSE(bounds.ttft);
  CHECK_FALSE(bounds.server_ttft);
  CHECK_FALSE(bounds.first_reasoning);
  CHECK_FALSE(bounds.duration);
  CHECK_FALSE(bounds.text_span);
  CHECK_FALSE(bounds.phases.wait);
}

TEST_CASE("a streamed success is suspect by the bound of its TTFT alone") {
  Measurement measurement = make_success();
  measurement.slacks.ended = 1s;
  measurement.slacks.request_begin = 400us;
  measurement.slacks.first_content = 600us;
  CHECK_FALSE(is_suspect(measurement));
  measurement.slacks.first_content += 1ns;
  CHECK(is_suspect(measurement));
}

TEST_CASE("a success that was not streamed is suspect by the bound of its duration") {
  Measurement measurement = make_success({});
  measurement.streamed = false;
  measurement.slacks.set_up = 400us;
  measurement.slacks.ended = 600us;
  CHECK_FALSE(is_suspect(measurement));
  measurement.slacks.ended += 1ns;
  CHECK(is_suspect(measurement));
}

TEST_CASE("a success whose TTFT has no value is suspect so that every success is counted once") {
  Measurement measurement = make_success();
  measurement.timeline.request_begin = *measurement.timeline.first_content + 1ns;
  CHECK(is_suspect(measurement));
  CHECK_FALSE(samples(measurement).ttft);
}

TEST_CASE("of the failures only the timeouts can be suspect") {
  for (const Outcome outcome : k_outcomes) {
    CAPTURE(to_string(outcome));
    Measurement exact = with_outcome(outcome);
    CHECK_FALSE(is_suspect(exact));
    Measurement late = with_outcome(outcome);
    late.slacks = different_slacks();
    late.slacks.first_content = 1s;
    const bool can_be = outcome == Outcome::success || outcome == Outcome::connect_timeout ||
                        outcome == Outcome::first_token_timeout || outcome == Outcome::stalled ||
                        outcome == Outcome::total_timeout;
    CHECK(is_suspect(late) == can_be);
  }
}

TEST_CASE("a timeout that we noticed in time is not suspect whatever else was late") {
  Measurement timeout = with_outcome(Outcome::first_token_timeout);
  timeout.slacks.first_content = 1s;
  timeout.slacks.ended = 1ms;
  CHECK_FALSE(is_suspect(timeout));
  timeout.slacks.set_up = 1ns;
  CHECK(is_suspect(timeout));
}

TEST_CASE("each figure is a sample by its own bound") {
  Measurement measurement = make_success();
  measurement.slacks.set_up = 1001us;
  measurement.slacks.first_byte = 1001us;
  const Samples some = samples(measurement);
  CHECK(some.ttft == 200ms);
  CHECK(some.inter_token_latencies.size() == 2);
  CHECK(some.time_per_output_token == 5ms);
  CHECK(some.phases.dns == 1ms);
  CHECK(some.phases.send == 1ms);
  CHECK_FALSE(some.phases.wait);
  CHECK_FALSE(some.duration);
}

TEST_CASE("failures and suspects give no samples") {
  CHECK_FALSE(samples(with_outcome(Outcome::truncated)).ttft);
  Measurement suspect = make_success();
  suspect.suspect = true;
  const Samples none = samples(suspect);
  CHECK_FALSE(none.ttft);
  CHECK_FALSE(none.duration);
  CHECK_FALSE(none.phases.dns);
  CHECK_FALSE(none.output_tokens_per_second);
  CHECK(none.inter_token_latencies.empty());
}

TEST_CASE("the bound of a token rate is spread over the tokens and stays a small part of all") {
  Measurement measurement = make_success({200ms, 300ms, 1200ms});  // a second of text
  measurement.usage = TokenUsage{.output = 101};
  measurement.slacks.last_content = 10ms;
  CHECK(samples(measurement).time_per_output_token == 10ms);
  CHECK(samples(measurement).output_tokens_per_second == doctest::Approx(100.0));
  measurement.slacks.last_content = 10ms + 1ns;  // more than 1 % of the second
  CHECK_FALSE(samples(measurement).time_per_output_token);
  CHECK_FALSE(samples(measurement).output_tokens_per_second);
}

TEST_CASE("the bound of a token rate may be a large part of a stretch if it is small in itself") {
  Measurement measurement = make_success({200ms, 210ms, 230ms});
  measurement.usage = TokenUsage{.output = 3};
  measurement.slacks.last_content = 1ms;
  CHECK(samples(measurement).time_per_output_token == 15ms);
  measurement.slacks.last_content = 1ms + 1ns;
  CHECK_FALSE(samples(measurement).time_per_output_token);
}

TEST_CASE("the bound of a token rate counts for each token where these are few") {
  Measurement measurement = make_success({200ms, 1200ms, 5200ms});
  measurement.usage = TokenUsage{.output = 3};
  measurement.slacks.last_content = 2ms;
  CHECK(samples(measurement).time_per_output_token == 2500ms);
  measurement.slacks.last_content = 2ms + 2ns;
  CHECK_FALSE(samples(measurement).time_per_output_token);
}

TEST_CASE("an answer of which nine tenths came at once is buffered and has no rates") {
  const Measurement buffered = in_bursts(54, 6);
  CHECK(is_buffered(buffered));
  const Samples figures = samples(buffered);
  CHECK(figures.ttft == 800ms);
  CHECK(figures.duration);
  CHECK_FALSE(figures.time_per_output_token);
  CHECK_FALSE(figures.output_tokens_per_second);
  CHECK(figures.inter_token_latencies.empty());
  CHECK_FALSE(time_per_output_token(buffered));

  const Measurement streamed = in_bursts(53, 7);
  CHECK_FALSE(is_buffered(streamed));
  CHECK(samples(streamed).time_per_output_token);
}

TEST_CASE("a short answer that came at once is not called buffered but has no rates either") {
  const Measurement brief = in_bursts(19, 0);
  CHECK_FALSE(is_buffered(brief));
  CHECK_FALSE(samples(brief).time_per_output_token);
  CHECK(samples(brief).inter_token_latencies.empty());
}

TEST_CASE("few events of many tokens that came at once are buffered too") {
  Measurement measurement = in_bursts(2, 0);
  measurement.usage = TokenUsage{.output = 30, .reasoning = 10};
  CHECK(is_buffered(measurement));
  measurement.usage = TokenUsage{.output = 30, .reasoning = 11};
  CHECK_FALSE(is_buffered(measurement));
}

TEST_CASE("neither a failure nor a suspect attempt is called buffered") {
  Measurement measurement = in_bursts(60, 0);
  measurement.suspect = true;  // a reader that slept finds all of a stream in one arrival
  CHECK_FALSE(is_buffered(measurement));
  measurement.suspect = false;
  measurement.outcome = Outcome::truncated;
  CHECK_FALSE(is_buffered(measurement));
}
