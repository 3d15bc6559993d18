#include "sim/decision.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <set>
#include <stdexcept>

using namespace inferometer::sim;
using inferometer::base::WallTime;
using nlohmann::json;

namespace {

// 1994-11-06 08:49:37 UTC, the example of RFC 9110 §5.6.7.
constexpr WallTime k_now{std::chrono::seconds(784111777)};

Action act(Fault fault) {
  Random random(1);
  return perform_fault(fault, wire_formats().front(), Dialect::openai, random, k_now);
}

http::Response response(Fault fault) {
  return std::get<http::Response>(act(fault));
}

}  // namespace

TEST_CASE("each fault that takes the place of the answer has an act and no other has") {
  for (const FaultInfo& fault : faults()) {
    CAPTURE(fault.name);
    if (fault.place == FaultPlace::answer) {
      CHECK(!std::holds_alternative<Answer>(act(fault.value)));
    } else {
      CHECK_THROWS_AS(act(fault.value), std::logic_error);
    }
  }
}

TEST_CASE("the status faults have the status of their name and an error of the API") {
  for (const auto& [fault, status] :
       {std::pair(Fault::status_400, 400), std::pair(Fault::status_401, 401),
        std::pair(Fault::status_402, 402), std::pair(Fault::status_403, 403),
        std::pair(Fault::status_404, 404), std::pair(Fault::status_408, 408),
        std::pair(Fault::status_409, 409), std::pair(Fault::status_413, 413),
        std::pair(Fault::status_422, 422), std::pair(Fault::status_424, 424),
        std::pair(Fault::status_429, 429), std::pair(Fault::status_498, 498),
        std::pair(Fault::status_500, 500), std::pair(Fault::status_502, 502),
        std::pair(Fault::status_503, 503), std::pair(Fault::status_504, 504),
        std::pair(Fault::status_529, 529)}) {
    const http::Response reply = response(fault);
    CHECK(reply.status == status);
    CHECK(reply.content_type == "application/json");
    CHECK(json::parse(reply.body)["error"]["message"].is_string());
    CHECK(reply.headers.empty());
  }
}

TEST_CASE("errors that clients tell apart by their code have it") {
  CHECK(json::parse(response(Fault::status_401).body)["error"]["code"] == "invalid_api_key");
  CHECK(response(Fault::quota).status == 429);
  CHECK(json::parse(response(Fault::quota).body)["error"]["code"] == "insufficient_quota");
  const http::Response context = response(Fault::context_length);
  CHECK(context.status == 400);
  CHECK(json::parse(context.body)["error"]["code"] == "context_length_exceeded");
  CHECK(context.body.find("maximum context length") != std::string::npos);
}

TEST_CASE("an overload and a quota and a context have the status that each API gives them") {
  const auto status = [](Fault fault, std::string_view name) {
    for (const WireFormat& format : wire_formats()) {
      if (format.name == name) {
        Random random(1);
        return std::get<http::Response>(
                   perform_fault(fault, format, Dialect::openai, random, k_now))
            .status;
      }
    }
    return 0;
  };
  CHECK(status(Fault::overloaded, "openai-chat") == 503);
  CHECK(status(Fault::overloaded, "anthropic") == 529);
  CHECK(status(Fault::overloaded, "bedrock-converse") == 503);
  CHECK(status(Fault::quota, "anthropic") == 402);
  CHECK(status(Fault::quota, "bedrock-converse") == 400);
  CHECK(status(Fault::context_length, "anthropic") == 400);
  CHECK(status(Fault::context_length, "bedrock-invoke") == 400);
}

TEST_CASE("a rate limit tells when to come back in each of three ways") {
  using Headers = std::vector<http::Header>;
  CHECK(response(Fault::rate_limit_ms).headers == Headers{{"retry-after-ms", "1500"}});
  CHECK(response(Fault::rate_limit_seconds).headers == Headers{{"retry-after", "2"}});
  CHECK(response(Fault::rate_limit_date).headers ==
        Headers{{"retry-after", "Sun, 06 Nov 1994 08:49:39 GMT"}});
  CHECK(response(Fault::rate_limit_date).status == 429);
}

TEST_CASE("pages of proxies are HTML and an error may come with status 200") {
  CHECK(response(Fault::html).status == 200);
  CHECK(response(Fault::html).content_type == "text/html");
  CHECK(response(Fault::html_502).status == 502);
  CHECK(response(Fault::html_502).body.starts_with("<html>"));
  CHECK(response(Fault::json_error_200).status == 200);
  CHECK(json::parse(response(Fault::json_error_200).body).contains("error"));
}

TEST_CASE("silence sends nothing and garbage sends bytes of every kind") {
  CHECK(std::holds_alternative<Silence>(act(Fault::hang_before_headers)));
  CHECK(std::holds_alternative<Silence>(act(Fault::silent_accept)));
  const auto raw = std::get<RawBytes>(act(Fault::garbage));
  CHECK(raw.bytes.size() == 4096);
  CHECK(std::set<char>(raw.bytes.begin(), raw.bytes.end()).size() > 200);
}
