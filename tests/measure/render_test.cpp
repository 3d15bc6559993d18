#include "measure/render.hpp"

#include "measure/make_measurement.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace inferometer::measure {
namespace {

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("the timeline shows the marks that were reached in the order of time") {
  const std::string text = to_timeline(make_success());
  std::size_t last = 0;
  for (const char* mark :
       {"started", "name_resolved", "connected", "tls_done", "request_begin", "request_sent",
        "first_byte", "first_content", "last_content", "ended"}) {
    CAPTURE(mark);
    const std::size_t at = text.find(std::string("  ") + mark + "\n");
    CHECK(at != std::string::npos);
    CHECK(at > last);
    last = at;
  }
  CHECK_FALSE(contains(text, "first_reasoning"));
  CHECK_FALSE(contains(text, "headers"));
  CHECK(contains(text, "     206.000      +100.000  first_content"));
}

TEST_CASE("the timeline shows the figures that follow from the marks") {
  const std::string text = to_timeline(make_success());
  CHECK(contains(text, "probe 0123456789abcdef at 2023-11-14T22:13:20.000Z\n"));
  CHECK(contains(text, "TTFT              200.000 ms\n"));
  CHECK(contains(text, "ITL               p50 25.000 ms"));
  CHECK(contains(text, "(2 gaps)"));
  CHECK(contains(text, "duration          2000.000 ms\n"));
  CHECK(contains(text, "512 in (128 cached), 11 out (0 reasoning)"));
}

TEST_CASE("a failure shows its reason and no figure that was not reached") {
  Measurement measurement;
  measurement.outcome = Outcome::connect_error;
  measurement.detail = "refused";
  const std::string text = to_timeline(measurement);
  CHECK(contains(text, "outcome           connect_error: refused\n"));
  CHECK(contains(text, "TTFT              -\n"));
  CHECK(contains(text, "duration          -\n"));
  CHECK(contains(text, "not reported by the provider"));
  CHECK_FALSE(contains(text, "ITL"));
  CHECK_FALSE(contains(text, "HTTP status"));
}

TEST_CASE("a suspect measurement says so") {
  Measurement measurement = make_success();
  measurement.suspect = true;
  measurement.event_loop_lag = std::chrono::milliseconds(31);
  CHECK(contains(to_timeline(measurement), "31.000 ms  SUSPECT"));
  CHECK(nlohmann::json::parse(to_json(measurement))["suspect"] == true);
}

TEST_CASE("JSON has base units and leaves out what was not reached or reported") {
  const auto json = nlohmann::json::parse(to_json(make_success()));
  CHECK(json["ttft_seconds"].get<double>() == doctest::Approx(0.2));
  CHECK(json["duration_seconds"].get<double>() == doctest::Approx(2));
  CHECK(json["lateness_seconds"].get<double>() == doctest::Approx(0.002));
  CHECK(json["timeline"]["request_begin"].get<double>() == doctest::Approx(0.006));
  CHECK(json["content_arrivals"].size() == 3);
  CHECK(json["usage"]["cached_input"] == 128);
  CHECK_FALSE(json.contains("first_reasoning_seconds"));
  CHECK_FALSE(json["timeline"].contains("first_reasoning"));

  Measurement failed;
  failed.outcome = Outcome::dns_error;
  const auto empty = nlohmann::json::parse(to_json(failed));
  CHECK(empty["outcome"] == "dns_error");
  for (const char* key : {"ttft_seconds", "usage", "http_status", "finish_reason",
                          "content_arrivals", "output_tokens_per_second", "duration_seconds"}) {
    CAPTURE(key);
    CHECK_FALSE(empty.contains(key));
  }
}

TEST_CASE("limits and the wish to be left alone show where the provider gave them") {
  Measurement measurement = make_success();
  measurement.attempt = 2;
  measurement.request_id = "req_1";
  measurement.retry_after = std::chrono::milliseconds(1500);
  measurement.rate_limits = {{RateLimitResource::requests, 60, 0, std::chrono::seconds(30)},
                             {RateLimitResource::tokens, {}, 5, {}}};
  const std::string text = to_timeline(measurement);
  CHECK(contains(text, "request id        req_1\n"));
  CHECK(contains(text, "attempt           2\n"));
  CHECK(contains(text, "retry after       1500.000 ms\n"));
  CHECK(contains(text, "rate limit        requests: 0 of 60 left\n"));
  CHECK(contains(text, "rate limit        tokens: 5 of - left\n"));
  const auto json = nlohmann::json::parse(to_json(measurement));
  CHECK(json["attempt"] == 2);
  CHECK(json["request_id"] == "req_1");
  CHECK(json["retry_after_seconds"] == 1.5);
  CHECK(json["rate_limits"] == nlohmann::json::parse(R"([
          {"resource": "requests", "limit": 60, "remaining": 0, "reset_seconds": 30.0},
          {"resource": "tokens", "remaining": 5}])"));
}

TEST_CASE("an answer that was not streamed says why it has no first token") {
  Measurement measurement = make_success({});
  measurement.streamed = false;
  CHECK(
      contains(to_timeline(measurement), "TTFT              none: the answer was not streamed\n"));
  const auto json = nlohmann::json::parse(to_json(measurement));
  CHECK(json["streamed"] == false);
  CHECK_FALSE(json.contains("ttft_seconds"));
}

TEST_CASE("JSON stays valid whatever bytes a provider sent") {
  Measurement measurement = make_success();
  measurement.detail = "bad \xff\xfe bytes \"quoted\"";
  CHECK(nlohmann::json::accept(to_json(measurement)));
}

}  // namespace inferometer::measure
