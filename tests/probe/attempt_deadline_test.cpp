#include "probe/attempt.hpp"
#include "probe/attempt_driver.hpp"

#include <doctest/doctest.h>

using namespace inferometer::probe;
using inferometer::measure::to_string;

namespace {

void check_expires(Drive& drive, Duration at, Outcome outcome) {
  CHECK(drive.deadline() == at);
  const Measurement result = drive.expire();
  CHECK(to_string(result.outcome) == to_string(outcome));
  CHECK(result.timeline.ended == k_start + at);
  CHECK((result.detail.find("timeouts.") != std::string::npos) == (outcome != Outcome::success));
}

}  // namespace

TEST_CASE("attempt: a connection that is not ready in time is a connect time-out") {
  Drive drive;
  check_expires(drive, 5s, Outcome::connect_timeout);
}

TEST_CASE("attempt: a request that gets no text in time is a first-token time-out") {
  Drive no_response;
  no_response.request_begin(4s);
  check_expires(no_response, 34s, Outcome::first_token_timeout);

  Drive only_headers;
  only_headers.request_begin(4s);
  only_headers.head(200, "text/event-stream", 20s);
  check_expires(only_headers, 34s, Outcome::first_token_timeout);

  Drive only_preamble;
  only_preamble.request_begin(4s);
  only_preamble.head(200, "text/event-stream", 20s);
  only_preamble.body(33s, content("") + ": ping\n\n" + usage(1, 0));
  check_expires(only_preamble, 34s, Outcome::first_token_timeout);
}

TEST_CASE("attempt: a first-token time-out says whether the server had answered") {
  Drive silent;
  silent.request_begin();
  Drive answered;
  answered.begin_stream();
  CHECK(silent.expire().detail != answered.expire().detail);
}

TEST_CASE("attempt: a gap that is too long after any text is a stall") {
  Drive content_gap;
  content_gap.begin_stream();
  content_gap.body(20s, content("a"));
  CHECK(content_gap.deadline() == 30s);
  content_gap.body(29s, content("b"));
  CHECK(content_gap.deadline() == 39s);
  content_gap.body(38s, ": ping\n\n" + content(""));
  check_expires(content_gap, 39s, Outcome::stalled);

  Drive reasoning_gap;
  reasoning_gap.begin_stream();
  reasoning_gap.body(20s, reasoning("Hm"));
  check_expires(reasoning_gap, 30s, Outcome::stalled);

  Drive after_reason;
  after_reason.begin_stream();
  after_reason.body(20s, content("a"));
  after_reason.body(25s, finish());
  check_expires(after_reason, 30s, Outcome::stalled);
}

TEST_CASE("attempt: the total time ends every step that is under way") {
  const inferometer::config::Timeouts timeouts{
      .connect = 5s, .first_token = 30s, .stall = 10s, .total = 8s};
  Drive waiting(timeouts);
  waiting.request_begin();
  check_expires(waiting, 8s, Outcome::total_timeout);

  Drive streaming(timeouts);
  streaming.begin_stream();
  streaming.body(7s, content("a"));
  check_expires(streaming, 8s, Outcome::total_timeout);

  Drive connecting({.connect = 5s, .first_token = 30s, .stall = 10s, .total = 5s});
  check_expires(connecting, 5s, Outcome::total_timeout);
}

TEST_CASE("attempt: a request that is repeated has its time for the first token again") {
  Drive drive;
  drive.request_begin(1s);
  CHECK(drive.deadline() == 31s);
  drive.request_begin(3s);
  CHECK(drive.deadline() == 33s);
  const Measurement result = drive.expire();
  CHECK(result.timeline.request_begin == k_start + 3s);
}

TEST_CASE("attempt: a server that lingers after the end mark costs a second and no success") {
  Drive drive;
  drive.begin_stream();
  drive.body(2s, content("a") + finish() + k_done);
  CHECK(drive.deadline() == 3s);
  drive.body(2500ms, ": more\n\n" + content("b"));
  CHECK(drive.deadline() == 3s);
  const Measurement result = drive.expire();
  CHECK(result.outcome == Outcome::success);
  CHECK(result.timeline.ended == k_start + 2s);
  CHECK(result.timeline.last_content == k_start + 2s);
  CHECK(result.content_events == 1);
}

TEST_CASE(
    "attempt: the end mark counts even where the total time is over before the server closes") {
  Drive drive({.connect = 5s, .first_token = 30s, .stall = 10s, .total = 8s});
  drive.begin_stream();
  drive.body(7900ms, content("a") + k_done);
  CHECK(drive.deadline() == 8900ms);
  CHECK(drive.expire().outcome == Outcome::success);
}

TEST_CASE("attempt: an outcome that stands is not changed by what follows") {
  Drive drive;
  drive.begin_stream();
  CHECK(drive.body(1s, "data: {broken\n\n") == Flow::stop);
  drive.attempt().on_deadline(k_start + 200s);
  const Measurement result = drive.end(Ending::lost, 200s, "reset");
  CHECK(result.outcome == Outcome::protocol_error);
  CHECK(result.detail.find("JSON") != std::string::npos);
}
