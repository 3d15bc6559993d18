#include "web/api/json.hpp"

#include "measure/make_measurement.hpp"
#include "web/make_status.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <memory>

namespace inferometer::web {
namespace {

using measure::Outcome;
using nlohmann::json;
using test::k_now;
using test::make_target;
using namespace std::chrono_literals;

json target_of(const TargetStatus& target) {
  const json all = json::parse(targets_json({&target}, k_now));
  REQUIRE(all.size() == 1);
  return all.front();
}

}  // namespace

TEST_CASE("a target's object has all that the page shows in base units") {
  TargetStatus target = make_target("openai", Outcome::success);
  target.summary.ttft_p50 = 312ms;
  target.summary.ttft_p95 = 500ms;
  target.summary.ttft_p99 = 600ms;
  target.summary.itl_p50 = 20ms;
  target.summary.output_tokens_per_second_p50 = 48.5;
  target.summary.skips = {{"overlap", 2}};
  target.summary.certificate_expiry = std::chrono::floor<std::chrono::seconds>(k_now) + 24h;
  target.interval = 30s;
  target.next_run = k_now + 12s;
  target.held_until = k_now + 4min;
  target.server = ServerQueue{.up = true, .running = 3, .waiting = 17};
  CHECK(target_of(target) == json::parse(R"({
    "provider": "openai", "model": "gpt-4o", "workload": "chat-short", "state": "good",
    "held": true, "held_until": "2027-01-15T08:04:00.000Z", "streamed": true,
    "attempts": 1, "failures": 0, "suspects": 0, "skipped": {"overlap": 2},
    "interval_seconds": 30.0, "next_run_at": "2027-01-15T08:00:12.000Z",
    "last": {"id": "0123456789abcdef", "path": "/api/v1/measurements/0123456789abcdef",
             "started_at": "2027-01-15T07:58:30.000Z", "outcome": "success", "suspect": false,
             "http_status": 200, "ttft_seconds": 0.312, "duration_seconds": 2.0},
    "ttft_seconds": {"p50": 0.312, "p95": 0.5, "p99": 0.6},
    "inter_token_latency_seconds": {"p50": 0.02},
    "output_tokens_per_second": {"p50": 48.5},
    "server": {"up": true, "requests_running": 3.0, "requests_waiting": 17.0},
    "certificate_expiry": "2027-01-16T08:00:00Z",
    "history": [{"id": "0123456789abcdef", "started_at": "2027-01-15T07:58:30.000Z",
                 "outcome": "success", "suspect": false, "kept": true, "ttft_seconds": 0.312}]
  })"));
}

TEST_CASE("what is not known is left out and no zero") {
  const json target = target_of(make_target("openai"));
  CHECK(target.at("state") == "waiting");
  CHECK(target.at("history").empty());
  for (const char* name : {"last", "ttft_seconds", "duration_seconds", "next_run_at", "held_until",
                           "interval_seconds", "server", "certificate_expiry", "failing_since"}) {
    CAPTURE(name);
    CHECK_FALSE(target.contains(name));
  }
}

TEST_CASE("a failing target says since when") {
  const json target = target_of(make_target("openai", Outcome::rate_limited));
  CHECK(target.at("state") == "failing");
  CHECK(target.at("failing_since") == "2027-01-15T07:58:30.000Z");
  CHECK(target.at("failures_in_a_row") == 1);
  CHECK(target.at("last").at("detail") == "HTTP 429: slow down");
  CHECK_FALSE(target.at("history").front().contains("ttft_seconds"));
}

TEST_CASE("measurements are summarised with the path to each") {
  measure::Measurement failure = measure::make_success();
  failure.outcome = Outcome::server_error;
  failure.detail = "a \"quote\" and \xff";  // what a provider sends may be no UTF-8
  failure.http_status = 500;
  const json all = json::parse(
      measurements_json({std::make_shared<const measure::Measurement>(failure),
                         std::make_shared<const measure::Measurement>(measure::make_success())}));
  REQUIRE(all.size() == 2);
  CHECK(all[0].at("path") == "/api/v1/measurements/0123456789abcdef");
  CHECK(all[0].at("outcome") == "server_error");
  CHECK(all[0].at("detail") == "a \"quote\" and \xef\xbf\xbd");
  CHECK(all[0].at("http_status") == 500);
  CHECK(all[1].at("ttft_seconds") == 0.2);
  CHECK(all[1].at("duration_seconds") == 2.0);
  CHECK_FALSE(all[1].contains("detail"));
}

TEST_CASE("nothing at all is an empty array and errors are escaped") {
  CHECK(targets_json({}, k_now) == "[]\n");
  CHECK(measurements_json({}) == "[]\n");
  CHECK(json::parse(error_json("bad_data", "a \"b\"\n")) ==
        json{{"status", "error"}, {"errorType", "bad_data"}, {"error", "a \"b\"\n"}});
}

}  // namespace inferometer::web
