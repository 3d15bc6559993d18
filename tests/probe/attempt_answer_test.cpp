#include "probe/attempt.hpp"
#include "probe/attempt_driver.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

// Answers that are not streamed, what is expected of their text, and what their headers say.

using namespace inferometer::probe;
using inferometer::config::Timeouts;
using inferometer::measure::RateLimit;
using inferometer::measure::RateLimitResource;

namespace {

constexpr Timeouts k_timeouts{.connect = 5s, .first_token = 30s, .stall = 10s, .total = 120s};

constexpr std::string_view k_answer =
    R"({"choices":[{"message":{"content":"Hello"},"finish_reason":"stop"}],)"
    R"("usage":{"prompt_tokens":8,"completion_tokens":2}})";

std::shared_ptr<const Expectation> expecting(std::string regex, bool json = false) {
  return std::make_shared<const Expectation>(
      Expectation::compile({.regex = std::move(regex), .json = json}).value());
}

Measurement measure_text(std::shared_ptr<const Expectation> expectation,
                         const std::vector<std::string>& texts) {
  Drive drive(k_timeouts, true, std::move(expectation));
  drive.begin_stream();
  Duration at = 1s;
  for (const std::string& text : texts) {
    drive.body(at, content(text));
    at += 10ms;
  }
  drive.body(at, finish() + k_done);
  return drive.end();
}

Measurement measure_headers(int status, std::vector<inferometer::protocol::Header> headers) {
  Drive drive;
  drive.request_begin();
  drive.head(status, "application/json", 20ms, std::move(headers));
  drive.body(1s, "{}");
  return drive.end();
}

}  // namespace

TEST_CASE("attempt: a whole answer has a duration and no first token") {
  Drive drive(k_timeouts, /*stream=*/false);
  drive.request_begin();
  drive.head(200, "application/json");
  drive.body(1s, k_answer.substr(0, 20));
  drive.body(2s, k_answer.substr(20));
  const Measurement result = drive.end(Ending::complete, 3s);
  CHECK(result.outcome == Outcome::success);
  CHECK_FALSE(result.streamed);
  CHECK_FALSE(result.timeline.first_content);
  CHECK_FALSE(result.timeline.last_content);
  CHECK(result.content_arrivals.empty());
  CHECK(result.content_bytes == 5);
  CHECK(result.usage->output == 2);
  CHECK(result.timeline.first_byte == k_start + 1s);
  CHECK(result.timeline.ended == k_start + 2s);  // its last byte
}

TEST_CASE("attempt: a whole answer has as long as the whole attempt may take") {
  Drive drive(k_timeouts, /*stream=*/false);
  CHECK(drive.deadline() == 5s);
  drive.request_begin();
  CHECK(drive.deadline() == 120s);
  drive.head(200, "application/json");
  drive.body(1s, "{");
  CHECK(drive.deadline() == 120s);
  CHECK(drive.expire().outcome == Outcome::total_timeout);
}

TEST_CASE("attempt: a whole answer that is cut off is lost or no JSON but never a success") {
  for (const Ending ending : {Ending::lost, Ending::complete}) {
    Drive drive(k_timeouts, /*stream=*/false);
    drive.request_begin();
    drive.head(200, "application/json");
    drive.body(1s, k_answer.substr(0, 40));
    const Outcome expected =
        ending == Ending::lost ? Outcome::connection_lost : Outcome::protocol_error;
    CHECK(drive.end(ending).outcome == expected);
  }
}

TEST_CASE("attempt: a stream where a whole answer was asked for is a protocol error") {
  Drive drive(k_timeouts, /*stream=*/false);
  drive.request_begin();
  drive.head(200, "text/event-stream");
  drive.body(1s, content("Hello") + k_done);
  const Measurement result = drive.end();
  CHECK(result.outcome == Outcome::protocol_error);
  CHECK(result.detail.find("expected application/json") != std::string::npos);
}

TEST_CASE("attempt: an error under status 200 in the place of a whole answer is an error") {
  Drive drive(k_timeouts, /*stream=*/false);
  drive.request_begin();
  drive.head(200, "application/json");
  drive.body(1s, R"({"error":{"type":"overloaded_error","message":"Overloaded"}})");
  CHECK(drive.end().outcome == Outcome::overloaded);
}

TEST_CASE("attempt: a text is checked as a whole however it came") {
  CHECK(measure_text(expecting("^Hello, world$"), {"Hel", "lo, ", "world"}).outcome ==
        Outcome::success);
  const Measurement wrong = measure_text(expecting("^Hello$"), {"Hel", "lo!"});
  CHECK(wrong.outcome == Outcome::validation_failed);
  CHECK(wrong.detail.find("Hello!") != std::string::npos);
  CHECK(measure_text(expecting("", true), {"[1,", "2]"}).outcome == Outcome::success);
  CHECK(measure_text(expecting("", true), {"[1,"}).outcome == Outcome::validation_failed);
}

TEST_CASE("attempt: a failure of another kind is not said to be the text's") {
  Drive drive(k_timeouts, true, expecting("^never$"));
  drive.begin_stream();
  drive.body(1s, content("Hello"));
  CHECK(drive.end(Ending::complete).outcome == Outcome::truncated);
}

TEST_CASE("attempt: an excerpt of a wrong text shows no secret") {
  const Measurement wrong = measure_text(expecting("^never$"), {"my key is ", k_bearer});
  CHECK(wrong.outcome == Outcome::validation_failed);
  CHECK(wrong.detail.find(k_bearer) == std::string::npos);
  CHECK(wrong.detail.find("my key is") != std::string::npos);
}

TEST_CASE("attempt: limits and the request's name are kept from any response") {
  const Measurement good = measure_headers(200, {{"x-ratelimit-limit-requests", "60"},
                                                 {"x-ratelimit-remaining-requests", "59"},
                                                 {"x-request-id", "req_1"},
                                                 {"retry-after", "7"}});
  CHECK(good.rate_limits ==
        std::vector<RateLimit>{{RateLimitResource::requests, 60, 59, std::nullopt}});
  CHECK(good.request_id == "req_1");
  CHECK_FALSE(good.retry_after);  // some servers send it with good answers
}

TEST_CASE("attempt: a refusal keeps its delay before a retry") {
  CHECK(measure_headers(429, {{"retry-after-ms", "1500"}, {"retry-after", "9"}}).retry_after ==
        1500ms);
  CHECK(measure_headers(503, {{"retry-after", "2"}}).retry_after == 2s);
  CHECK_FALSE(measure_headers(429, {{"retry-after", "soon"}}).retry_after);
}

TEST_CASE("attempt: the name of a request is one line without secrets") {
  const Measurement result = measure_headers(500, {{"x-request-id", "a\x01" + k_bearer + "\xff"}});
  CHECK(result.request_id == "a <secret>?");
}
