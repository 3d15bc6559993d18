#include "sim/api/format_driver.hpp"
#include "sim/api/wire_format.hpp"
#include "sim/sim_client.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace inferometer::sim;
using namespace inferometer::sim::testing;
using inferometer::base::WallTime;
using nlohmann::json;

namespace {

constexpr std::string_view k_vertex =
    "/v1/projects/p/locations/us/publishers/anthropic/models/claude-x:streamRawPredict";

http::Request request(std::string_view body) {
  return post_to("/v1/messages", body, {{"anthropic-version", "2023-06-01"}});
}

/// A good request with more members.
http::Request with(std::string_view more) {
  return request(R"({"model":"m","max_tokens":2000,"messages":[{"role":"user","content":"hi"}])" +
                 std::string(more) + "}");
}

json error(const ApiError& error) {
  return json::parse(anthropic::wire_format().render_error(error).body);
}

}  // namespace

TEST_CASE("a message request is understood with its system text first") {
  const Ask ask = ask_of(with(R"(,"stream":true,"system":"be brief. ")")).value();
  CHECK(ask.model == "m");
  CHECK(ask.stream);
  CHECK(ask.max_tokens == 2000U);
  CHECK(ask.prompt == "be brief. hi");
  CHECK(ask.prompt_tokens == 3);
  CHECK(ask.include_reasoning);
  const Ask blocks =
      ask_of(with(R"(,"system":[{"type":"text","text":"ab","cache_control":{}}])")).value();
  CHECK(blocks.prompt == "abhi");
  CHECK(!blocks.stream);
  CHECK(!ask_of(with(R"(,"thinking":{"type":"adaptive","display":"omitted"})"))
             .value()
             .include_reasoning);
}

TEST_CASE("a request that Anthropic would refuse is refused") {
  const auto reason = [](std::string_view body) { return refusal_of(request(body)); };
  CHECK(refusal_of(post_to("/v1/messages", "{}")) == "anthropic-version: header is required");
  CHECK(reason("[").find("JSON") != std::string::npos);
  CHECK(reason(R"({"max_tokens":1,"messages":[{"role":"user","content":"x"}]})").find("`model`") !=
        std::string::npos);
  CHECK(reason(R"({"model":"m","messages":[{"role":"user","content":"x"}]})") ==
        "max_tokens: Field required");
  CHECK(reason(R"({"model":"m","max_tokens":0,"messages":[]})").find("`max_tokens`") !=
        std::string::npos);
  CHECK(reason(R"({"model":"m","max_tokens":1,"messages":[]})").find("`messages`") !=
        std::string::npos);
  CHECK(reason(R"({"model":"m","max_tokens":1,"messages":[{"role":"system","content":"x"}]})") ==
        "`messages[0].role` must be one of user, assistant");
  CHECK(reason(R"({"model":"m","max_tokens":1,"messages":[{"role":"user"}]})").find("content") !=
        std::string::npos);
  CHECK(refusal_of(with(R"(,"ignore_eos":true)")) == "ignore_eos: Extra inputs are not permitted");
  CHECK(refusal_of(with(R"(,"system":1)")).find("system") == 0);
  CHECK(refusal_of(with(R"(,"stream":1)")).find("`stream`") == 0);
}

TEST_CASE("a budget of thinking must be at least 1024 and leave room for an answer") {
  const auto thinking = [](std::string_view value) {
    return refusal_of(with(R"(,"thinking":)" + std::string(value)));
  };
  CHECK(thinking(R"({"type":"enabled","budget_tokens":1024})").empty());
  CHECK(thinking(R"({"type":"disabled"})").empty());
  for (const char* bad :
       {R"({"type":"enabled"})", R"({"type":"enabled","budget_tokens":1023})",
        R"({"type":"enabled","budget_tokens":2000})", R"({"type":"enabled","budget_tokens":"x"})",
        R"({"type":"on"})", R"({})", R"([])"}) {
    CAPTURE(bad);
    CHECK(thinking(bad).find("thinking") != std::string::npos);
  }
}

TEST_CASE("Vertex takes the model from the path and the version from the body") {
  const std::string body =
      R"({"anthropic_version":"vertex-2023-10-16","max_tokens":5,"messages":[{"role":"user","content":"x"}]})";
  const Ask ask = ask_of(post_to(k_vertex, body)).value();
  CHECK(ask.model == "claude-x");
  CHECK(ask.stream);
  CHECK(refusal_of(post_to(k_vertex, R"({"max_tokens":5,"messages":[]})")) ==
        "anthropic_version: Field required");
}

TEST_CASE("a stream of Anthropic has a block of thinking and one of text") {
  CHECK(whole_stream(anthropic::wire_format(), {.reasoning_tokens = 1}) ==
        R"(event: message_start
data: {"type":"message_start","message":{"id":"msg_0000000000000abc","type":"message","role":"assistant","model":"m \"q\"","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":4,"cache_creation_input_tokens":0,"cache_read_input_tokens":3,"output_tokens":1}}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}

event: ping
data: {"type":"ping"}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":" why"}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"c2ltdWxhdGVk"}}

event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: content_block_start
data: {"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}

event: content_block_delta
data: {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":" yes"}}

event: content_block_stop
data: {"type":"content_block_stop","index":1}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"input_tokens":4,"cache_creation_input_tokens":0,"cache_read_input_tokens":3,"output_tokens":2}}

event: message_stop
data: {"type":"message_stop"}

)");
}

TEST_CASE("every event of Anthropic is JSON whose type is its name") {
  for (const LineEnding ending : {LineEnding::native, LineEnding::crlf}) {
    const std::string line_end = ending == LineEnding::native ? "\n" : "\r\n";
    const std::string bytes = whole_stream(
        anthropic::wire_format(), {.reasoning_tokens = 1, .line_ending = ending, .stamp = true});
    for (const std::string& payload : payloads(bytes, line_end)) {
      const std::string type = json::parse(payload)["type"];
      std::string event = "event: ";
      event.append(type).append(line_end).append("data: ").append(payload);
      CHECK(bytes.find(event) != std::string::npos);
    }
    CHECK(stamps(bytes).size() == 2);
  }
}

TEST_CASE("thinking that is omitted leaves only its signature") {
  Ask ask = streamed_ask();
  ask.include_reasoning = false;
  const std::string bytes = whole_stream(anthropic::wire_format(), {.reasoning_tokens = 1}, ask);
  CHECK(count(bytes, "thinking_delta") == 0);
  CHECK(count(bytes, "signature_delta") == 1);
  CHECK(count(bytes, "thinking_tokens") == 0);
}

TEST_CASE("thinking tokens are counted apart where they are asked for") {
  const Behaviour behaviour{.reasoning_tokens = 1, .usage_details = UsageDetails::all};
  CHECK(count(whole_stream(anthropic::wire_format(), behaviour), R"("thinking_tokens":1)") == 1);
}

TEST_CASE("an empty answer of Anthropic is still whole") {
  const std::string bytes =
      rendered(anthropic::wire_format(), [](Renderer& renderer, Frames& frames) {
        renderer.opening(frames, {});
        renderer.finish(frames, FinishReason::stop, {});
        renderer.terminator(frames);
      });
  CHECK(count(bytes, "event: content_block_start\n") == 1);
  CHECK(count(bytes, "event: content_block_stop\n") == 1);
  CHECK(count(bytes, "content_block_delta") == 0);
}

TEST_CASE("the reasons to stop have the names of Anthropic") {
  const auto name = [](FinishReason reason) {
    return json::parse(whole_body(anthropic::wire_format(), reason))["stop_reason"];
  };
  CHECK(name(FinishReason::stop) == "end_turn");
  CHECK(name(FinishReason::length) == "max_tokens");
  CHECK(name(FinishReason::content_filter) == "refusal");
}

TEST_CASE("an answer of Anthropic that is not streamed is one message") {
  const json message = json::parse(whole_body(anthropic::wire_format(), FinishReason::stop));
  CHECK(message["id"] == "msg_0000000000000abc");
  CHECK(message["role"] == "assistant");
  CHECK(message["model"] == "m \"q\"");
  CHECK(message["content"].dump() ==
        R"([{"signature":"c2ltdWxhdGVk","thinking":" why","type":"thinking"},)"
        R"({"text":" yes","type":"text"}])");
  CHECK(message["usage"]["input_tokens"] == 4);
  CHECK(message["usage"]["cache_read_input_tokens"] == 3);
  CHECK(message["usage"]["output_tokens"] == 2);
  CHECK(
      json::parse(whole_body(anthropic::wire_format(), FinishReason::stop, ""))["content"].size() ==
      1);
}

TEST_CASE("errors of Anthropic have its types and its own statuses") {
  const auto check = [](ErrorKind kind, int status, std::string_view type) {
    const http::Response response = anthropic::wire_format().render_error({.kind = kind});
    CHECK(response.status == status);
    CHECK(json::parse(response.body)["type"] == "error");
    CHECK(json::parse(response.body)["error"]["type"] == type);
    CHECK(!json::parse(response.body)["error"]["message"].get<std::string>().empty());
  };
  check(ErrorKind::invalid_request, 400, "invalid_request_error");
  check(ErrorKind::authentication, 401, "authentication_error");
  check(ErrorKind::permission, 403, "permission_error");
  check(ErrorKind::not_found, 404, "not_found_error");
  check(ErrorKind::rate_limit, 429, "rate_limit_error");
  check(ErrorKind::quota, 402, "billing_error");
  check(ErrorKind::context_length, 400, "invalid_request_error");
  check(ErrorKind::server_error, 500, "api_error");
  check(ErrorKind::overloaded, 529, "overloaded_error");
  CHECK(anthropic::wire_format()
            .render_error({.kind = ErrorKind::overloaded, .status = 503})
            .status == 503);
  CHECK(error({.kind = ErrorKind::context_length,
               .prompt_tokens = 5,
               .context_window = 4})["error"]["message"] ==
        "prompt is too long: 5 tokens > 4 maximum");
  CHECK(error({.message = "\xff"})["error"]["message"] == "\uFFFD");
}

TEST_CASE("an error within a stream of Anthropic is an event of that name") {
  CHECK(error_in_stream(anthropic::wire_format(), ErrorKind::overloaded) ==
        "event: error\n"
        R"(data: {"error":{"message":"Overloaded","type":"overloaded_error"},"type":"error"})"
        "\n\n");
}

TEST_CASE("what clients of Anthropic must ignore is a ping and what they cannot parse is cut") {
  CHECK(rendered(anthropic::wire_format(), [](Renderer& r, Frames& f) { r.comment(f); }) ==
        "event: ping\ndata: {\"type\":\"ping\"}\n\n");
  const std::string bad =
      rendered(anthropic::wire_format(), [](Renderer& r, Frames& f) { r.malformed(f); });
  REQUIRE(payloads(bad).size() == 1);
  CHECK(!json::accept(payloads(bad)[0]));
  CHECK(bad.ends_with("\n\n"));
  CHECK(rendered(anthropic::wire_format(), [](Renderer& r, Frames& f) {
          r.unfinished(f);
        }).ends_with(R"("text":")"));
}

TEST_CASE("the limits of Anthropic reset at a date") {
  using namespace std::chrono_literals;
  const auto headers = anthropic::wire_format().rate_limit_headers(
      {.requests = {.limit = 50, .remaining = 49, .reset = 30s},
       .tokens = {.limit = 1000, .remaining = 900, .reset = 500ms}},
      Dialect::openai, WallTime(1735689600s));
  CHECK(headers.size() == 12);
  CHECK(headers.at(0) == http::Header("anthropic-ratelimit-requests-limit", "50"));
  CHECK(headers.at(1) == http::Header("anthropic-ratelimit-requests-remaining", "49"));
  CHECK(headers.at(2) ==
        http::Header("anthropic-ratelimit-requests-reset", "2025-01-01T00:00:30Z"));
  CHECK(headers.at(8) ==
        http::Header("anthropic-ratelimit-input-tokens-reset", "2025-01-01T00:00:01Z"));
}
