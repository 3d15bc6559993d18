#include "protocol/api/apis.hpp"
#include "protocol/decode.hpp"
#include "protocol/event_stream_messages.hpp"
#include "wire/base64.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace inferometer::protocol::bedrock_invoke_test {
using inferometer::wire::base64_encode;
using nlohmann::json;

namespace {

constexpr MakeDecoder k_stream = bedrock_invoke::make_stream_decoder;
constexpr MakeDecoder k_body = bedrock_invoke::make_body_decoder;

std::string chunk(std::string_view event) {
  return event_message("chunk", R"({"bytes":")" + base64_encode(event) + R"(","p":"abcd"})");
}

std::string delta(std::string_view text) {
  return chunk(R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":")" +
               std::string(text) + R"("}})");
}

const std::string k_start =
    chunk(R"({"type":"message_start","message":{"usage":{"input_tokens":9,"output_tokens":1}}})");
const std::string k_end =
    chunk(R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},)"
          R"("usage":{"output_tokens":2}})") +
    chunk(R"({"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":9,)"
          R"("outputTokenCount":2,"invocationLatency":300,"firstByteLatency":200}})");

const std::string k_broken = "protocol_error: a chunk without the base64 of an event";

Generation generation() {
  return {.model = "anthropic.claude-3-haiku-20240307-v1:0",
          .prompt = "Say \"hi\"",
          .max_output_tokens = 64,
          .temperature = std::nullopt,
          .max_tokens_parameter = "max_completion_tokens"};
}

}  // namespace

TEST_CASE("bedrock-invoke: the request has exactly the members that are asked for") {
  const HttpRequest request = bedrock_invoke::make_request(generation());
  CHECK(request.path ==
        "/model/anthropic.claude-3-haiku-20240307-v1%3A0/invoke-with-response-stream");
  CHECK(request.headers == std::vector<Header>{{"Content-Type", "application/json"},
                                               {"Accept", "application/vnd.amazon.eventstream"}});
  CHECK(json::parse(request.body) == json::parse(R"({
    "anthropic_version": "bedrock-2023-05-31",
    "max_tokens": 64,
    "messages": [{"role": "user", "content": "Say \"hi\""}]})"));
}

TEST_CASE("bedrock-invoke: system prompt and temperature and no stream go where they belong") {
  Generation asked = generation();
  asked.system_prompt = "Be brief";
  asked.temperature = 1.0;
  asked.stream = false;
  const HttpRequest request = bedrock_invoke::make_request(asked);
  CHECK(request.path == "/model/anthropic.claude-3-haiku-20240307-v1%3A0/invoke");
  CHECK(request.headers.back() == Header{"Accept", "application/json"});
  const json body = json::parse(request.body);
  CHECK(body.at("system") == "Be brief");
  CHECK(body.at("temperature") == 1.0);
  CHECK(body.size() == 5);
}

TEST_CASE("bedrock-invoke: the model's own events are read however the stream is cut") {
  check_however_cut(
      k_stream, k_start + delta("Hel") + delta("lo") + k_end,
      {"usage=9/-/-/-", "content=Hel", "content=lo", "finish=stop usage=9/-/2/-", "done"});
}

TEST_CASE("bedrock-invoke: a chunk that holds no event is a protocol error") {
  for (const auto* payload : {"not JSON", "{}", R"({"bytes":""})", R"({"bytes":3})",
                              R"({"bytes":"e30"})", R"({"bytes":"***="})", "[]"}) {
    CAPTURE(payload);
    CHECK(decode(k_stream, delta("a") + event_message("chunk", payload) + delta("b")) ==
          Texts{"content=a", k_broken});
  }
}

TEST_CASE("bedrock-invoke: an event that is no JSON object is a protocol error") {
  CHECK(decode(k_stream, chunk("{") + delta("a")) ==
        Texts{"protocol_error: an event is not a JSON object in valid UTF-8"});
}

TEST_CASE("bedrock-invoke: exceptions and the model's own errors are errors") {
  CHECK(decode(k_stream,
               delta("a") + exception_message("modelTimeoutException", R"({"message":"Late"})") +
                   delta("b")) == Texts{"content=a", "stream_error: error in the stream: Late"});
  CHECK(decode(k_stream,
               chunk(R"({"type":"error","error":{"type":"overloaded_error","message":"Busy"}})")) ==
        Texts{"overloaded: error in the stream: Busy"});
}

TEST_CASE("bedrock-invoke: other events are no content") {
  CHECK(decode(k_stream, event_message("initial-response", "") + chunk(R"({"type":"ping"})")) ==
        Texts(2, "-"));
}

TEST_CASE("bedrock-invoke: a body that ends within a message is truncated") {
  const std::string stream = k_start + delta("a");
  CHECK(decode(k_stream, std::string_view(stream).substr(0, stream.size() - 1)) ==
        Texts{"usage=9/-/-/-", "truncated: the stream ended within an event-stream message"});
}

TEST_CASE("bedrock-invoke: an answer that is not streamed is the model's own") {
  CHECK(decode(k_body, R"({"type":"message","content":[{"type":"text","text":"Hello"}],)"
                       R"("stop_reason":"max_tokens","usage":{"input_tokens":9,)"
                       R"("output_tokens":2}})") ==
        Texts{"content=Hello finish=length usage=9/-/2/- done"});
}

}  // namespace inferometer::protocol::bedrock_invoke_test
