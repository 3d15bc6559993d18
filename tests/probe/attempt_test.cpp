#include "probe/attempt.hpp"

#include "base/printable.hpp"
#include "probe/attempt_driver.hpp"

#include <doctest/doctest.h>

using namespace inferometer::probe;
using inferometer::measure::Arrival;
using inferometer::measure::FinishReason;
using inferometer::measure::Timeline;
using inferometer::measure::to_string;
using inferometer::measure::TokenUsage;

namespace {

constexpr std::string_view k_stream = "text/event-stream";

void check_outcome(const Measurement& measurement, Outcome outcome) {
  CHECK(to_string(measurement.outcome) == to_string(outcome));
  CHECK(measurement.detail.empty() == (outcome == Outcome::success));
}

}  // namespace

TEST_CASE("attempt: a good stream is a success with all its marks and counts") {
  Drive drive;
  drive.request_begin(10ms);
  CHECK(drive.head(200, k_stream, 20ms) == Flow::go_on);
  drive.body(30ms, ": comment\n\n");
  drive.body(40ms, content(""));
  drive.body(50ms, reasoning("Hm"));
  drive.body(60ms, content("Hello, "));
  drive.body(70ms, content("world"));
  drive.body(80ms, finish("length") + usage(8, 3));
  CHECK(drive.body(90ms, k_done) == Flow::go_on);
  Report report;
  report.ending = Ending::complete;
  report.started = k_start;
  report.ended = k_start + 100ms;
  report.name_resolved = k_start + 1ms;
  report.connected = k_start + 2ms;
  report.tls_done = k_start + 3ms;
  report.request_sent = k_start + 11ms;
  report.connection.http_version = "2";
  report.event_loop_lag = 10ms;
  const auto result = drive.end_with(report);
  REQUIRE(result);

  check_outcome(*result, Outcome::success);
  CHECK(result->id == "0123456789abcdef");
  CHECK(result->started_at == drive.wall_start());
  CHECK(result->http_status == 200);
  const Timeline& timeline = result->timeline;
  CHECK(timeline.scheduled == k_start - 1ms);
  CHECK(timeline.started == k_start);
  CHECK(timeline.name_resolved == k_start + 1ms);
  CHECK(timeline.connected == k_start + 2ms);
  CHECK(timeline.tls_done == k_start + 3ms);
  CHECK(timeline.request_begin == k_start + 10ms);
  CHECK(timeline.request_sent == k_start + 11ms);
  CHECK(timeline.headers == k_start + 20ms);
  CHECK(timeline.first_byte == k_start + 30ms);
  CHECK(timeline.first_event == k_start + 40ms);
  CHECK(timeline.first_reasoning == k_start + 50ms);
  CHECK(timeline.first_content == k_start + 60ms);
  CHECK(timeline.last_content == k_start + 70ms);
  CHECK(timeline.finished == k_start + 80ms);
  CHECK(timeline.ended == k_start + 90ms);
  CHECK(result->connection.http_version == "2");
  CHECK(result->content_arrivals ==
        std::vector<Arrival>{{.at = k_start + 60ms}, {.at = k_start + 70ms}});
  CHECK(result->content_events == 2);
  CHECK(result->coalesced == 0);
  CHECK(result->content_bytes == 12);
  CHECK(result->usage == TokenUsage{.input = 8, .output = 3});
  CHECK(result->finish_reason == FinishReason::length);
  CHECK(result->event_loop_lag == 10ms);
  CHECK_FALSE(result->suspect);
}

TEST_CASE("attempt: role chunks and pings and empty texts are no tokens") {
  Drive drive;
  drive.begin_stream();
  drive.body(1s, R"(data: {"choices":[{"delta":{"role":"assistant","content":""}}]})"
                 "\n\n: ping\n\n" +
                     content("") + reasoning("") + usage(8, 0) + "event: ping\ndata: {}\n\n");
  CHECK(drive.deadline() == 30s + 10ms);
  const Measurement result = drive.end();
  CHECK(result.timeline.first_event == k_start + 1s);
  CHECK_FALSE(result.timeline.first_reasoning);
  CHECK_FALSE(result.timeline.first_content);
  CHECK_FALSE(result.timeline.last_content);
  CHECK(result.content_events == 0);
  check_outcome(result, Outcome::truncated);
}

TEST_CASE("attempt: content that shares an arrival has one stamp and is counted as coalesced") {
  Drive drive;
  drive.begin_stream();
  drive.body(1s, content("a") + content("b") + reasoning("x") + content("c"));
  drive.body(2s, content("d"));
  drive.body(2s, content("e"));  // one arrival may come in several pieces
  drive.body(3s, reasoning("y"));
  drive.body(4s, content("f") + k_done);
  const Measurement result = drive.end();
  check_outcome(result, Outcome::success);
  CHECK(result.content_arrivals ==
        std::vector<Arrival>{{.at = k_start + 1s}, {.at = k_start + 2s}, {.at = k_start + 4s}});
  CHECK(result.content_events == 6);
  CHECK(result.coalesced == 3);
  CHECK(result.content_bytes == 6);
  CHECK(result.timeline.first_content == k_start + 1s);
  CHECK(result.timeline.last_content == k_start + 4s);
}

TEST_CASE("attempt: an event that is cut has the stamp of its last byte") {
  Drive drive;
  drive.begin_stream();
  const std::string event = content("Hi");
  drive.body(1s, event.substr(0, 20));
  drive.body(2s, event.substr(20, event.size() - 21));
  CHECK_FALSE(drive.body(3s, event.substr(event.size() - 1)) == Flow::stop);
  const Measurement result = drive.end();
  CHECK(result.timeline.first_byte == k_start + 1s);
  CHECK(result.timeline.first_event == k_start + 3s);
  CHECK(result.timeline.first_content == k_start + 3s);
}

TEST_CASE("attempt: an unfinished last event counts with the stamp of the last read") {
  Drive drive;
  drive.begin_stream();
  drive.body(1s, content("Hi"));
  drive.body(2s, "data: [DONE]");
  const Measurement result = drive.end(Ending::complete, 3s);
  check_outcome(result, Outcome::success);
  CHECK(result.timeline.ended == k_start + 2s);
}

TEST_CASE("attempt: the last usage counts and a later event without usage keeps it") {
  const Measurement result =
      measure_stream(usage(8, 0) + content("a") + usage(8, 5) + usage(9, 6) + finish() + k_done);
  CHECK(result.usage == TokenUsage{.input = 9, .output = 6});
  CHECK_FALSE(measure_stream(content("a") + k_done).usage);
}

TEST_CASE("attempt: a repeated finish reason moves no mark and the last one counts") {
  Drive drive;
  drive.begin_stream();
  drive.body(1s, content("a"));
  drive.body(2s, finish("stop"));
  drive.body(3s, finish("length") + k_done);
  const Measurement result = drive.end();
  CHECK(result.timeline.finished == k_start + 2s);
  CHECK(result.finish_reason == FinishReason::length);
}

TEST_CASE("attempt: either a finish reason or the end mark makes a stream whole") {
  check_outcome(measure_stream(content("a") + finish()), Outcome::success);
  check_outcome(measure_stream(content("a") + k_done), Outcome::success);
  check_outcome(measure_stream(content("a")), Outcome::truncated);
  check_outcome(measure_stream(content("a") + "data: {\"choices\":[{\"delt"), Outcome::truncated);
  check_outcome(measure_stream(""), Outcome::truncated);
}

TEST_CASE("attempt: a whole stream without text is an empty response") {
  check_outcome(measure_stream(k_done), Outcome::empty_response);
  check_outcome(measure_stream(finish("length") + k_done), Outcome::empty_response);
  check_outcome(measure_stream(reasoning("Hm") + finish("length") + k_done),
                Outcome::empty_response);
}

TEST_CASE("attempt: what the model says of its end decides before the text does") {
  check_outcome(measure_stream(content("a") + finish("error") + k_done), Outcome::stream_error);
  check_outcome(measure_stream(finish("abort") + k_done), Outcome::stream_error);
  check_outcome(measure_stream(content("a") + finish("content_filter")), Outcome::content_filtered);
  check_outcome(measure_stream(finish("content_filter") + k_done), Outcome::content_filtered);
  const Measurement refused = measure_stream(R"(data: {"choices":[{"delta":{"refusal":"No."}}]})"
                                             "\n\n" +
                                             finish() + k_done);
  check_outcome(refused, Outcome::content_filtered);
  CHECK(refused.timeline.first_content);
}

TEST_CASE("attempt: an error in the stream ends the attempt and keeps what was reached") {
  Drive drive;
  drive.begin_stream();
  drive.body(1s, content("a"));
  CHECK(drive.body(2s, R"(data: {"error":{"message":"boom","code":503}})"
                       "\n\n" +
                           k_done) == Flow::stop);
  CHECK(drive.body(3s, content("b")) == Flow::stop);
  const Measurement result = drive.end(Ending::stopped, 4s);
  check_outcome(result, Outcome::overloaded);
  CHECK(result.detail == "error in the stream: boom");
  CHECK(result.timeline.first_content == k_start + 1s);
  CHECK(result.content_events == 1);
  CHECK(result.timeline.ended == k_start + 4s);
  check_outcome(measure_stream("data: {broken\n\n"), Outcome::protocol_error);
}

TEST_CASE("attempt: the ways of the network to end an exchange are outcomes of their own") {
  const std::pair<Ending, Outcome> ends[] = {
      {Ending::dns_error, Outcome::dns_error},
      {Ending::connect_error, Outcome::connect_error},
      {Ending::tls_error, Outcome::tls_error},
      {Ending::lost, Outcome::connection_lost},
      {Ending::protocol_error, Outcome::protocol_error},
      {Ending::internal_error, Outcome::internal_error},
  };
  for (const auto& [ending, outcome] : ends) {
    Drive drive;
    const Measurement result = drive.end(ending, 1s, "what curl says");
    check_outcome(result, outcome);
    CHECK(result.detail == "what curl says");
    CHECK(result.http_status == 0);
    CHECK(result.timeline.ended == k_start + 1s);
    CHECK_FALSE(result.timeline.request_begin);
    CHECK_FALSE(result.timeline.headers);
    CHECK_FALSE(result.timeline.first_byte);
  }
}

TEST_CASE("attempt: a connection that breaks before the end mark is lost in spite of a reason") {
  Drive drive;
  drive.begin_stream();
  drive.body(1s, content("a") + finish());
  const Measurement result = drive.end(Ending::lost, 2s, "reset");
  check_outcome(result, Outcome::connection_lost);
  CHECK(result.finish_reason == FinishReason::stop);
}

TEST_CASE("attempt: what happens to the connection after the end mark is no failure") {
  for (const Ending ending : {Ending::lost, Ending::protocol_error, Ending::tls_error}) {
    Drive drive;
    drive.begin_stream();
    drive.body(1s, content("a") + k_done);
    const Measurement result = drive.end(ending, 5s, "reset");
    check_outcome(result, Outcome::success);
    CHECK(result.timeline.ended == k_start + 1s);
  }
}

TEST_CASE("attempt: our own failure stays ours even after the end mark") {
  Drive drive;
  drive.begin_stream();
  drive.body(1s, content("a") + k_done);
  check_outcome(drive.end(Ending::internal_error, 5s, "no memory"), Outcome::internal_error);
}

TEST_CASE("attempt: an attempt that our shutdown cut is not counted") {
  for (const bool begun : {false, true}) {
    Drive drive;
    if (begun) {
      drive.begin_stream();
      drive.body(1s, content("a") + finish() + k_done);
    }
    Report report;
    report.ending = Ending::cancelled;
    CHECK_FALSE(drive.end_with(report));
  }
}

TEST_CASE("attempt: an answer without end is given up at 64 MiB") {
  const std::string comment = ":" + std::string(1023, 'x') + "\n";
  std::string block;
  for (int i = 0; i < 1024; ++i) {
    block += comment.substr(1);
  }
  REQUIRE(block.size() == 1024UL * 1024);
  Drive drive;
  drive.begin_stream();
  for (int mebibytes = 0; mebibytes < 64; ++mebibytes) {
    REQUIRE(drive.body(1s, block) == Flow::go_on);
  }
  CHECK(drive.body(1s, "\n") == Flow::stop);
  check_outcome(drive.end(Ending::stopped), Outcome::protocol_error);

  Drive over;
  over.begin_stream();
  over.body(1s, content("a") + k_done);
  for (int mebibytes = 0; mebibytes < 65; ++mebibytes) {
    over.body(1s, block);
  }
  check_outcome(over.end(), Outcome::success);
}
