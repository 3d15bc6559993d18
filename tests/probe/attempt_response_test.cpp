#include "base/printable.hpp"
#include "probe/attempt.hpp"
#include "probe/attempt_driver.hpp"

#include <doctest/doctest.h>

#include <algorithm>

// Responses that are not the expected stream, and what is kept of them.

using namespace inferometer::probe;
using inferometer::base::find_invalid_utf8;
using inferometer::measure::to_string;

namespace {

constexpr std::string_view k_json = "application/json";

void check_response(int status, std::string_view content_type, std::string_view body,
                    Outcome outcome, std::string_view detail) {
  const Measurement result = measure_response(status, content_type, body);
  CAPTURE(status);
  CHECK(to_string(result.outcome) == to_string(outcome));
  CHECK(result.detail == detail);
  CHECK(result.http_status == status);
  CHECK(result.timeline.headers == k_start + 20ms);
}

bool is_printable(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

std::string detail_of(std::string_view body) {
  return measure_response(500, k_json, body).detail;
}

}  // namespace

TEST_CASE("attempt: a status that is an error is classified with its body") {
  check_response(401, k_json, R"({"error":{"message":"bad key"}})", Outcome::auth_error,
                 "HTTP 401: bad key");
  check_response(429, k_json, R"({"error":{"message":"slow"}})", Outcome::rate_limited,
                 "HTTP 429: slow");
  check_response(429, k_json, R"({"error":{"message":"pay","code":"insufficient_quota"}})",
                 Outcome::quota_exhausted, "HTTP 429: pay");
  check_response(503, "text/html", "<html>busy</html>", Outcome::overloaded,
                 "HTTP 503: <html>busy</html>");
  check_response(502, "", "", Outcome::server_error, "HTTP 502: no message");
  check_response(404, "text/plain", "not\r\n found\n", Outcome::client_error,
                 "HTTP 404: not   found");
  // Errors may be dressed as a stream.
  check_response(500, "text/event-stream", "data: {\"error\":1}\n\n", Outcome::server_error,
                 "HTTP 500: data: {\"error\":1}");
}

TEST_CASE("attempt: a redirect is refused with its target") {
  for (const int status : {301, 302, 303, 307, 308}) {
    Drive drive;
    drive.request_begin();
    inferometer::transport::ResponseHead head;
    head.status = status;
    head.headers = {{"location", "https://other.example/v1"}};
    CHECK(drive.attempt().on_head(std::move(head), {.at = k_start + 20ms}) == Flow::stop);
    const Measurement result = drive.end(Ending::stopped);
    CHECK(result.outcome == Outcome::protocol_error);
    CHECK(result.http_status == status);
    CHECK(result.detail.find("https://other.example/v1") != std::string::npos);
    CHECK(result.detail.find("base_url") != std::string::npos);
  }
}

TEST_CASE("attempt: status 200 with another content type is no stream") {
  check_response(200, "text/html; charset=utf-8", "<html>", Outcome::protocol_error,
                 "expected text/event-stream, got text/html; charset=utf-8: does base_url point at "
                 "the API?");
  check_response(200, k_json, R"({"object":"chat.completion","choices":[]})",
                 Outcome::protocol_error,
                 "expected text/event-stream, got application/json: does base_url point at the "
                 "API?");
}

TEST_CASE("attempt: status 200 with an error as JSON is an error in the stream") {
  check_response(200, k_json, R"({"error":{"message":"boom","code":500}})", Outcome::stream_error,
                 "error in the stream: boom");
  check_response(200, k_json, R"({"error":{"message":"slow","code":429}})", Outcome::rate_limited,
                 "error in the stream: slow");
}

TEST_CASE("attempt: the content type may be in any case or missing") {
  const std::string stream = content("a") + k_done;
  for (const std::string_view type : {"text/event-stream", "Text/Event-Stream;charset=UTF-8", ""}) {
    CHECK(measure_response(200, type, stream).outcome == Outcome::success);
  }
  CHECK(measure_response(200, "text/event", stream).outcome == Outcome::protocol_error);
}

TEST_CASE("attempt: any status of success may carry the stream") {
  CHECK(measure_response(201, "text/event-stream", content("a") + k_done).outcome ==
        Outcome::success);
  CHECK(measure_response(204, "", "").outcome == Outcome::truncated);
  CHECK(measure_response(202, k_json, "{}").outcome == Outcome::protocol_error);
}

TEST_CASE("attempt: an error body that breaks off or stalls is classified all the same") {
  for (const bool stalls : {false, true}) {
    Drive drive;
    drive.request_begin();
    drive.head(429, k_json);
    drive.body(1s, R"({"error":{"mess)");
    const Measurement result = stalls ? drive.expire() : drive.end(Ending::lost, 2s, "reset");
    CHECK(result.outcome == Outcome::rate_limited);
    CHECK(result.detail == R"(HTTP 429: {"error":{"mess)");
  }
}

TEST_CASE("attempt: of an error body no more than 64 KiB is kept") {
  Drive drive;
  drive.request_begin();
  drive.head(500, "text/plain");
  const std::string piece(16UL * 1024, 'x');
  for (int i = 0; i < 3; ++i) {
    CHECK(drive.body(1s, piece) == Flow::go_on);
  }
  CHECK(drive.body(1s, piece) == Flow::stop);
  CHECK(drive.body(1s, piece) == Flow::stop);
  const Measurement result = drive.end(Ending::stopped);
  CHECK(result.outcome == Outcome::server_error);
  CHECK(result.detail.size() <= 300);
  CHECK(result.timeline.first_byte == k_start + 1s);
}

TEST_CASE("attempt: the credential never gets into the detail") {
  CHECK(detail_of(R"({"error":{"message":"bad key sk-secret-key!"}})") ==
        "HTTP 500: bad key <secret>!");
  CHECK(detail_of("sk-secret-keysk-secret-key") == "HTTP 500: <secret><secret>");
  Drive drive;
  CHECK(drive.end(Ending::tls_error, 1s, "sent sk-secret-key").detail == "sent <secret>");
  // Wherever a text is cut, no part of the credential stands at its end.
  for (std::size_t length = 150; length < 320; ++length) {
    const std::string text = std::string(length, '.') + k_bearer;
    CAPTURE(length);
    CHECK(detail_of(text).find("sk-") == std::string::npos);
    CHECK(detail_of(R"({"error":{"message":")" + text + "\"}}").find("sk-") == std::string::npos);
  }
}

TEST_CASE("attempt: the detail is one bounded line of valid text whatever came") {
  const std::string controls =
      "a\r\nb\tc\x1b[31md\x7f"
      "e\u009bf\u202eg\n\n";
  CHECK(detail_of(controls) == "HTTP 500: a  b c [31md e f g");
  for (const std::string& body :
       {std::string("\0\x01\xff\xfe\xc3", 5), std::string("caf\xC3\xA9 \xE2\x82 \xF0\x9F\x98\x80"),
        std::string(1000, '\xff')}) {
    const std::string detail = detail_of(body);
    CHECK(find_invalid_utf8(detail) == std::string::npos);
    CHECK(detail.size() <= 300);
    CHECK(is_printable(detail));
  }
}

TEST_CASE("attempt: a detail that is cut within a character is valid text") {
  std::string umlauts = "x";
  for (int i = 0; i < 400; ++i) {
    umlauts += "\xC3\xA4";
  }
  const std::string cut = detail_of(R"({"error":{"message":")" + umlauts + "\"}}");
  CHECK(find_invalid_utf8(cut) == std::string::npos);
  CHECK(cut.size() >= 298);
  CHECK(cut.size() <= 300);
}
