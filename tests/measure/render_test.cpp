#include "measure/render.hpp"

#include "fakes/contains.hpp"
#include "measure/make_measurement.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using inferometer::fakes::contains;

namespace inferometer::measure {
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

TEST_CASE("counts that were not reported are unknown or left out and never 0") {
  Measurement measurement = make_success();
  measurement.usage = TokenUsage{.output = 11};
  CHECK(contains(to_timeline(measurement), "tokens            unknown in, 11 out\n"));
  measurement.usage = TokenUsage{.input = 5, .reasoning = 0};
  CHECK(contains(to_timeline(measurement), "tokens            5 in, unknown out (0 reasoning)\n"));
  const auto json = nlohmann::json::parse(to_json(measurement));
  CHECK(json["usage"] == nlohmann::json::parse(R"({"input": 5, "reasoning": 0})"));
  measurement.usage = TokenUsage{.input = 5, .cached_input = 0, .output = 11};
  measurement.reasoning_seen = true;
  CHECK(contains(
      to_timeline(measurement),
      "tokens            5 in (0 cached), 11 out (unknown reasoning: no TPOT, no speed)\n"));
}

TEST_CASE("a suspect measurement says so") {
  Measurement measurement = make_success();
  measurement.suspect = true;
  measurement.slacks.first_content = std::chrono::milliseconds(31);
  CHECK(contains(to_timeline(measurement), "31.000 ms of the time to first token  SUSPECT"));
  const auto json = nlohmann::json::parse(to_json(measurement));
  CHECK(json["suspect"] == true);
  CHECK(json["error_bounds_seconds"]["ttft"] == 0.031);
  CHECK(json["max_error_seconds"] == 0.001);
}

TEST_CASE("segments that were lost are told in words, each direction for itself") {
  CHECK(network_remarks({}).empty());
  const auto ours = network_remarks({.retransmissions = 1});
  REQUIRE(ours.size() == 1);
  CHECK(ours[0].starts_with("segments of ours were lost"));
  CHECK(network_remarks({.retransmissions = 1, .out_of_order = 1}).size() == 2);
}

TEST_CASE("what the kernel knows of the connection shows in both forms") {
  Measurement measurement = make_success();
  Connection& connection = measurement.connection;
  connection.remote_address = "192.0.2.1:443";
  connection.http_version = "2";
  connection.stamps = StampSource::kernel;
  connection.tcp = TcpStats{.rtt = std::chrono::milliseconds(12),
                            .min_rtt = std::chrono::milliseconds(11),
                            .retransmissions = 0,
                            .out_of_order = 3};
  connection.certificate_expiry = std::chrono::sys_seconds(std::chrono::seconds(253'402'300'799));
  measurement.timeline.headers = k_start + std::chrono::milliseconds(100);
  measurement.timeline.acknowledged = k_start + std::chrono::milliseconds(19);
  const std::string text = to_timeline(measurement);
  CHECK(contains(text, "certificate       expires 9999-12-31T23:59:59Z\n"));
  CHECK(contains(text, "round trip 12.000 ms, least 11.000 ms, 0 sent again, 3 out of order\n"));
  CHECK_FALSE(contains(text, "segments of ours"));
  CHECK(contains(text, "segments of the answer were lost or late on their way: a long gap may be"));
  CHECK(contains(text, "stamps            kernel\n"));
  CHECK(contains(text, "  acknowledged\n"));
  CHECK(contains(text, "… of the server   188.000 ms\n"));
  const auto json = nlohmann::json::parse(to_json(measurement));
  CHECK(json["connection"]["stamps"] == "kernel");
  CHECK(json["connection"]["certificate_expiry"] == "9999-12-31T23:59:59Z");
  CHECK(json["connection"]["tcp"] ==
        nlohmann::json::parse(R"({"rtt_seconds": 0.012, "min_rtt_seconds": 0.011,
                                  "retransmissions": 0, "out_of_order": 3})"));
  CHECK(json["timeline"]["acknowledged"] == 0.019);
  CHECK(json["server_ttft_seconds"].get<double>() == doctest::Approx(0.188));
}

TEST_CASE("lost gaps and what arrivals leave open show where there is any of it") {
  Measurement measurement = make_success();
  CHECK_FALSE(nlohmann::json::parse(to_json(measurement)).contains("content_arrival_slacks"));
  measurement.content_arrivals[1].first_slack = std::chrono::milliseconds(5);
  CHECK(contains(to_timeline(measurement), "ITL               - (2 lost)\n"));
  const auto json = nlohmann::json::parse(to_json(measurement));
  CHECK(json["gaps_lost"] == 2);
  CHECK(json["content_arrival_slacks"] ==
        nlohmann::json::parse("[[0.0, 0.0], [0.005, 0.0], [0.0, 0.0]]"));
}

TEST_CASE("a buffered stream says so and has no rates in either form") {
  Measurement measurement = make_success();
  measurement.content_events = 60;
  measurement.burst_bytes = measurement.content_bytes;
  const std::string text = to_timeline(measurement);
  CHECK(contains(text, "ITL               none: the text came at once"));
  CHECK_FALSE(contains(text, "TPOT"));
  const auto json = nlohmann::json::parse(to_json(measurement));
  CHECK(json["buffered"] == true);
  CHECK_FALSE(json.contains("time_per_output_token_seconds"));
  CHECK_FALSE(json.contains("output_tokens_per_second"));
}

TEST_CASE("a wait for a token shows where there was one") {
  Measurement measurement = make_success();
  CHECK_FALSE(contains(to_timeline(measurement), "token  "));
  measurement.token_wait = std::chrono::milliseconds(90);
  CHECK(contains(to_timeline(measurement), "token             waited 90.000 ms for it\n"));
  CHECK(nlohmann::json::parse(to_json(measurement))["token_wait_seconds"] == 0.09);
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

TEST_CASE("limits and the delay before a retry show where the provider gave them") {
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
