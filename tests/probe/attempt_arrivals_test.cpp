#include "measure/trust.hpp"
#include "probe/attempt.hpp"
#include "probe/attempt_driver.hpp"

#include <doctest/doctest.h>

using namespace inferometer::probe;
using inferometer::measure::Arrival;
using inferometer::measure::Slacks;

namespace {

/// What arrivals of these tests leave open: of the first byte, and of the last.
constexpr Duration k_first = 7ms;
constexpr Duration k_last = 2us;

/// The only content arrival of a stream that is done.
Arrival only_arrival(const Measurement& measurement) {
  REQUIRE(measurement.content_arrivals.size() == 1);
  return measurement.content_arrivals.front();
}

/// The slacks of a stream whose text came in one piece behind the head.
Measurement measure_piece(std::string_view bytes) {
  Drive drive;
  drive.begin_stream();
  drive.body(1s, bytes, k_first, k_last);
  drive.body(2s, k_done);
  return drive.end();
}

Report report_with_marks() {
  Report report;
  report.ending = Ending::complete;
  report.started = k_start;
  report.ended = k_start + 60s;
  report.name_resolved = k_start + 1ms;
  report.connected = k_start + 2ms;
  report.tls_done = k_start + 3ms;
  report.request_begin = k_start + 11ms;
  report.request_sent = k_start + 12ms;
  report.acknowledged = k_start + 13ms;
  report.slacks = {.name_resolved = 1us,
                   .connected = 2us,
                   .tls_done = 3us,
                   .request_begin = 4us,
                   .request_sent = 5us,
                   .headers = 1h,  // none of the transport's marks
                   .first_byte = 1h,
                   .first_reasoning = 1h,
                   .first_content = 1h,
                   .last_content = 1h,
                   .ended = 6us,
                   .set_up = 7us};
  return report;
}

}  // namespace

TEST_CASE("attempt: an event at the end of its arrival is as exact as the last byte") {
  const Measurement result = measure_piece(content("a"));
  CHECK(only_arrival(result) == Arrival{k_start + 1s, k_last, k_last});
  CHECK(result.slacks.first_content == k_last);
  CHECK(result.slacks.last_content == k_last);
}

TEST_CASE("attempt: an event before another may have come with the first byte") {
  const Measurement result = measure_piece(content("a") + usage(8, 3));
  CHECK(only_arrival(result) == Arrival{k_start + 1s, k_first, k_first});
  CHECK(result.slacks.first_content == k_first);
  CHECK(result.slacks.last_content == k_first);
}

TEST_CASE("attempt: an event before a comment may have come with the first byte") {
  for (const std::string rest : {": keep-alive\n\n", "\n", "id: 7\n", "da"}) {
    CAPTURE(rest);
    const Measurement result = measure_piece(content("a") + rest);
    CHECK(only_arrival(result) == Arrival{k_start + 1s, k_first, k_first});
  }
}

TEST_CASE("attempt: an event before bytes of the connection's own may have come with the first") {
  Drive drive;
  drive.begin_stream();
  drive.body(1s, content("a"), k_first, k_last);
  drive.rest(1s, k_first, k_last);
  drive.body(2s, content("b"), k_first, k_last);
  drive.rest(3s, k_first, k_last);  // of a later arrival: it takes nothing from the text before
  drive.body(4s, k_done);
  const Measurement result = drive.end();
  REQUIRE(result.content_arrivals.size() == 2);
  CHECK(result.content_arrivals[0] == Arrival{k_start + 1s, k_first, k_first});
  CHECK(result.content_arrivals[1] == Arrival{k_start + 2s, k_last, k_last});
}

TEST_CASE("attempt: an arrival of two texts is open at its front and exact at its end") {
  const Measurement result = measure_piece(content("a") + content("b"));
  CHECK(only_arrival(result) == Arrival{k_start + 1s, k_first, k_last});
  CHECK(result.slacks.first_content == k_first);
  CHECK(result.slacks.last_content == k_last);
  CHECK(result.coalesced == 1);
}

TEST_CASE("attempt: an event before the beginning of another is not the last of its arrival") {
  Drive drive;
  drive.begin_stream();
  const std::string next = content("b");
  drive.body(1s, content("a") + next.substr(0, 10), k_first, k_last);
  drive.body(2s, next.substr(10), k_first, k_last);
  const Measurement result = drive.end();
  REQUIRE(result.content_arrivals.size() == 2);
  CHECK(result.content_arrivals[0] == Arrival{k_start + 1s, k_first, k_first});
  CHECK(result.content_arrivals[1] == Arrival{k_start + 2s, k_last, k_last});
  CHECK(result.slacks.first_content == k_first);
  CHECK(result.slacks.last_content == k_last);
}

TEST_CASE("attempt: one arrival in several pieces is judged as a whole") {
  const std::string event = content("a");
  SUBCASE("cut between two events") {
    Drive drive;
    drive.begin_stream();
    drive.body(1s, event, k_first, k_last);
    drive.body(1s, content("b"), k_first, k_last);
    CHECK(only_arrival(drive.end()) == Arrival{k_start + 1s, k_first, k_last});
  }
  SUBCASE("cut within the event") {
    Drive drive;
    drive.begin_stream();
    drive.body(1s, event.substr(0, 10), k_first, k_last);
    drive.body(1s, event.substr(10), k_first, k_last);
    CHECK(only_arrival(drive.end()) == Arrival{k_start + 1s, k_last, k_last});
  }
  SUBCASE("with bytes behind that are no event") {
    Drive drive;
    drive.begin_stream();
    drive.body(1s, event, k_first, k_last);
    drive.body(1s, ": ping\n\n", k_first, k_last);
    CHECK(only_arrival(drive.end()) == Arrival{k_start + 1s, k_first, k_first});
  }
}

TEST_CASE("attempt: the first reasoning has the slack of its place") {
  CHECK(measure_piece(reasoning("Hm")).slacks.first_reasoning == k_last);
  CHECK(measure_piece(reasoning("Hm") + reasoning("Hm")).slacks.first_reasoning == k_first);
  CHECK(measure_piece(content("a") + reasoning("Hm")).slacks.first_reasoning == k_last);
}

TEST_CASE("attempt: later arrivals leave the slacks of the first ones alone") {
  Drive drive;
  drive.begin_stream();
  drive.body(1s, reasoning("Hm"), k_first, k_last);
  drive.body(2s, content("a"), k_first, k_last);
  drive.body(3s, reasoning("Hm") + content("b") + usage(1, 2), 9ms, 8ms);
  drive.body(4s, k_done);
  const Measurement result = drive.end();
  CHECK(result.slacks.first_reasoning == k_last);
  CHECK(result.slacks.first_content == k_last);
  CHECK(result.slacks.last_content == 9ms);
}

TEST_CASE("attempt: a head with bytes of the body behind it is not the last of its arrival") {
  const auto headers_slack = [](Duration body_at) {
    Drive drive;
    drive.request_begin();
    inferometer::transport::ResponseHead head{.status = 200, .headers = {}};
    const Arrival arrival{k_start + 20ms, k_first, k_last};
    REQUIRE(drive.attempt().on_head(std::move(head), arrival) == Flow::go_on);
    drive.body(body_at, content("a") + k_done, k_first, k_last);
    const Measurement result = drive.end();
    CHECK(result.slacks.first_byte == k_first);
    return result.slacks.headers;
  };
  CHECK(headers_slack(20ms) == k_first);
  CHECK(headers_slack(21ms) == k_last);
}

TEST_CASE("attempt: the end mark brings the slack of its own arrival") {
  Drive drive;
  drive.begin_stream();
  drive.body(1s, content("a"));
  drive.body(2s, finish() + k_done, k_first, k_last);
  const Measurement result = *drive.end_with(report_with_marks());
  CHECK(result.timeline.ended == k_start + 2s);
  CHECK(result.slacks.ended == k_last);
}

TEST_CASE("attempt: an end mark with bytes behind it may have come earlier") {
  Drive drive;
  drive.begin_stream();
  drive.body(1s, content("a"));
  drive.body(2s, k_done, k_first, k_last);
  drive.body(2s, "\n", k_first, k_last);
  CHECK(drive.end().slacks.ended == k_first);
}

TEST_CASE("attempt: a whole answer has come with the last byte of its body") {
  Drive drive({.connect = 5s, .first_token = 30s, .stall = 10s, .total = 120s}, /*stream=*/false);
  drive.request_begin();
  drive.head(200, "application/json");
  drive.body(1s, R"({"choices":[{"message":{"content":"Hello"},"finish_reason":"stop"}]})", k_first,
             k_last);
  const Measurement result = drive.end();
  CHECK(result.outcome == Outcome::success);
  CHECK(result.timeline.ended == k_start + 1s);
  CHECK(result.slacks.ended == k_last);
  CHECK(result.slacks.first_byte == k_first);
  CHECK(result.burst_bytes == 0);
}

TEST_CASE("attempt: the transport's marks and their slacks are its report's") {
  Drive drive;
  drive.request_begin(10ms);
  CHECK(drive.deadline() == 30s + 10ms);  // by our own clock, as long as there is no other
  REQUIRE(drive.head(200, "text/event-stream") == Flow::go_on);
  drive.body(1s, content("a") + finish());
  const Measurement result = *drive.end_with(report_with_marks());
  CHECK(result.timeline.request_begin == k_start + 11ms);
  CHECK(result.timeline.acknowledged == k_start + 13ms);
  CHECK(result.timeline.ended == k_start + 60s);
  const Slacks& slacks = result.slacks;
  CHECK(slacks.name_resolved == 1us);
  CHECK(slacks.connected == 2us);
  CHECK(slacks.tls_done == 3us);
  CHECK(slacks.request_begin == 4us);
  CHECK(slacks.request_sent == 5us);
  CHECK(slacks.ended == 6us);
  CHECK(slacks.set_up == 7us);
  CHECK(slacks.headers == 0us);
  CHECK(slacks.first_content == 0us);
}

TEST_CASE("attempt: without a departure stamp the request began when the transport said so") {
  Drive drive;
  drive.begin_stream();
  drive.body(1s, content("a") + k_done);
  Report report = report_with_marks();
  report.request_begin.reset();
  CHECK(drive.end_with(report)->timeline.request_begin == k_start + 10ms);
}

TEST_CASE("attempt: a success is suspect once its TTFT may be wrong by more than the threshold") {
  for (const Duration slack : {Duration(1ms), Duration(1ms + 1ns)}) {
    Drive drive;
    drive.begin_stream();
    drive.body(1s, content("Hi") + k_done, slack);
    const Measurement result = drive.end();
    CHECK(result.outcome == Outcome::success);
    CHECK(result.suspect == (slack > 1ms));
  }
}

TEST_CASE("attempt: a late event loop alone makes nothing suspect") {
  Drive drive;
  drive.begin_stream();
  drive.body(1s, content("Hi") + k_done);
  Report report;
  report.ending = Ending::complete;
  report.ended = k_start + 2s;
  report.event_loop_lag = 1s;
  const auto result = drive.end_with(report);
  REQUIRE(result);
  CHECK(result->event_loop_lag == 1s);
  CHECK_FALSE(result->suspect);
}

TEST_CASE("attempt: a timeout that we came to late is suspect as text may have come in between") {
  Drive in_time;
  in_time.begin_stream();
  CHECK_FALSE(in_time.expire(1ms).suspect);
  Drive late;
  late.begin_stream();
  const Measurement result = late.expire(1ms + 1ns);
  CHECK(result.outcome == Outcome::first_token_timeout);
  CHECK(result.slacks.ended == 1ms + 1ns);
  CHECK(result.suspect);
}

TEST_CASE("attempt: bytes within 5 ms of the first text are a burst and later ones are not") {
  Drive drive;
  drive.begin_stream();
  drive.body(1s, content("four") + content("four"));
  drive.body(1s + 5ms, content("four"));
  drive.body(1s + 5ms + 1ns, content("four"));
  drive.body(2s, content("four") + k_done);
  const Measurement result = drive.end();
  CHECK(result.burst_bytes == 12);
  CHECK(result.content_bytes == 20);
}

TEST_CASE("attempt: two writes of a proxy 2 ms apart are buffered and give no time per token") {
  std::string thirty;
  for (int i = 0; i < 30; ++i) {
    thirty += content("text");
  }
  Drive drive;
  drive.begin_stream();
  drive.body(800ms, thirty);
  drive.body(802ms, thirty + usage(8, 60) + finish() + k_done);
  const Measurement result = drive.end();
  CHECK(result.outcome == Outcome::success);
  CHECK(is_buffered(result));
  CHECK(time_to_first_token(result) == 790ms);
  CHECK_FALSE(time_per_output_token(result));
}

TEST_CASE("attempt: a server that leaves HTTP is no success") {
  for (const int status : {101, 103}) {
    Drive drive;
    drive.request_begin();
    CHECK(drive.head(status, "text/event-stream") == Flow::stop);
    const Measurement result = drive.end(Ending::stopped);
    CHECK(result.outcome == Outcome::protocol_error);
    CHECK(result.detail.find(std::to_string(status)) != std::string::npos);
  }
}
