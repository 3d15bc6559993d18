#include "protocol/api/apis.hpp"
#include "protocol/decode.hpp"
#include "protocol/event_stream_messages.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace inferometer::protocol::bedrock_test {
using nlohmann::json;

namespace {

constexpr MakeDecoder k_stream = bedrock::make_stream_decoder;
constexpr MakeDecoder k_body = bedrock::make_body_decoder;

std::string delta(std::string_view members) {
  return event_message("contentBlockDelta", R"({"contentBlockIndex":0,"delta":{)" +
                                                std::string(members) + R"(},"p":"abcd"})");
}

std::string stop(std::string_view reason) {
  return event_message("messageStop", R"({"p":"abc","stopReason":")" + std::string(reason) + "\"}");
}

std::string metadata(std::string_view usage) {
  return event_message(
      "metadata", R"({"metrics":{"latencyMs":300},"p":"ab","usage":{)" + std::string(usage) + "}}");
}

const std::string k_start = event_message("messageStart", R"({"p":"abcd","role":"assistant"})");
const std::string k_block_stop =
    event_message("contentBlockStop", R"({"contentBlockIndex":0,"p":"a"})");
const std::string k_usage = metadata(R"("inputTokens":9,"outputTokens":2,"totalTokens":11)");

Generation generation() {
  return {.model = "us.amazon.nova-micro-v1:0",
          .prompt = "Say \"hi\"",
          .max_output_tokens = 64,
          .temperature = std::nullopt,
          .max_tokens_parameter = "max_completion_tokens"};
}

}  // namespace

TEST_CASE("bedrock: the request has exactly the members that are asked for") {
  const HttpRequest request = bedrock::make_request(generation());
  CHECK(request.path == "/model/us.amazon.nova-micro-v1%3A0/converse-stream");
  CHECK(request.headers == std::vector<Header>{{"Content-Type", "application/json"},
                                               {"Accept", "application/vnd.amazon.eventstream"}});
  CHECK(json::parse(request.body) == json::parse(R"({
    "messages": [{"role": "user", "content": [{"text": "Say \"hi\""}]}],
    "inferenceConfig": {"maxTokens": 64}})"));
}

TEST_CASE("bedrock: system prompt and temperature and no stream go where they belong") {
  Generation asked = generation();
  asked.system_prompt = "Be brief";
  asked.temperature = 0.0;
  asked.stream = false;
  asked.model = "arn:aws:bedrock:us-east-1:1:inference-profile/a";
  const HttpRequest request = bedrock::make_request(asked);
  CHECK(request.path ==
        "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ainference-profile%2Fa/converse");
  CHECK(request.headers.back() == Header{"Accept", "application/json"});
  CHECK(json::parse(request.body) == json::parse(R"({
    "messages": [{"role": "user", "content": [{"text": "Say \"hi\""}]}],
    "system": [{"text": "Be brief"}],
    "inferenceConfig": {"maxTokens": 64, "temperature": 0.0}})"));
}

TEST_CASE("bedrock: a stream is read however it is cut") {
  check_however_cut(k_stream,
                    k_start + delta(R"("text":"Hel")") + delta(R"("text":"lo")") + k_block_stop +
                        stop("end_turn") + k_usage,
                    {"-", "content=Hel", "content=lo", "-", "finish=stop", "usage=9/-/2/-"});
}

TEST_CASE("bedrock: reasoning and arguments of tools are told apart from signatures and names") {
  CHECK(
      decode(k_stream, delta(R"("reasoningContent":{"text":"Hm"})") +
                           delta(R"("reasoningContent":{"signature":"x"})") +
                           delta(R"("reasoningContent":{"redactedContent":"x"})") +
                           event_message("contentBlockStart",
                                         R"({"start":{"toolUse":{"toolUseId":"t","name":"f"}}})") +
                           delta(R"("toolUse":{"input":"{\"a\":"})") + delta(R"("citation":{})")) ==
      Texts{"reasoning=Hm", "reasoned", "reasoned", "-", R"(content={"a":)", "-"});
}

TEST_CASE("bedrock: the usage adds what the cache took to the input") {
  CHECK(decode(k_stream, metadata(R"("inputTokens":9,"outputTokens":2,"cacheReadInputTokens":100,)"
                                  R"("cacheWriteInputTokens":1000)")) ==
        Texts{"usage=1109/100/2/-"});
  CHECK(decode(k_stream, metadata("")) == Texts{"-"});
  CHECK(decode(k_stream, event_message("metadata", R"({"usage":[]})") +
                             event_message("metadata", "{}")) == Texts(2, "-"));
}

TEST_CASE("bedrock: stop reasons are normalised") {
  const auto finish = [](std::string_view reason) { return decode(k_stream, stop(reason)); };
  CHECK(finish("end_turn") == Texts{"finish=stop"});
  CHECK(finish("stop_sequence") == Texts{"finish=stop"});
  CHECK(finish("max_tokens") == Texts{"finish=length"});
  CHECK(finish("model_context_window_exceeded") == Texts{"finish=length"});
  CHECK(finish("tool_use") == Texts{"finish=tool_calls"});
  CHECK(finish("guardrail_intervened") == Texts{"finish=content_filter"});
  CHECK(finish("content_filtered") == Texts{"finish=content_filter"});
  CHECK(finish("malformed_model_output") == Texts{"finish=error"});
  CHECK(finish("malformed_tool_use") == Texts{"finish=error"});
  CHECK(finish("") == Texts{"-"});
  CHECK(decode(k_stream, event_message("messageStop", "{}")) == Texts{"-"});
}

TEST_CASE("bedrock: members of a wrong type are no text and no error") {
  CHECK(decode(k_stream, event_message("contentBlockDelta", R"({"delta":"x"})") +
                             event_message("contentBlockDelta", "{}") +
                             delta(R"("text":3,"reasoningContent":"x","toolUse":[])") +
                             delta(R"("reasoningContent":{"text":null},"toolUse":{"input":{}})")) ==
        Texts{"-", "-", "-", "reasoned"});
}

TEST_CASE("bedrock: an exception in the stream is an error of its name") {
  const auto exception = [](std::string_view type, std::string_view payload) {
    return decode(k_stream, k_start + exception_message(type, payload) + k_usage);
  };
  CHECK(exception("internalServerException", R"({"message":"Sorry"})") ==
        Texts{"-", "stream_error: error in the stream: Sorry"});
  CHECK(
      exception("validationException", R"({"message":"Input is too long for requested model."})") ==
      Texts{"-", "context_length: error in the stream: Input is too long for requested model."});
  CHECK(exception("serviceUnavailableException", R"({"message":"Busy"})") ==
        Texts{"-", "overloaded: error in the stream: Busy"});
  CHECK(exception("throttlingException",
                  R"({"message":"Too many tokens, please wait before trying again."})") ==
        Texts{"-",
              "rate_limited: error in the stream: Too many tokens, please wait before trying "
              "again."});
  CHECK(exception("throttlingException", R"({"message":"Slow down"})") ==
        Texts{"-", "rate_limited: error in the stream: Slow down"});
  CHECK(exception("modelStreamErrorException", "") ==
        Texts{"-", "stream_error: error in the stream: modelStreamErrorException"});
  CHECK(exception("modelStreamErrorException", "not JSON") ==
        Texts{"-", "stream_error: error in the stream: not JSON"});
}

TEST_CASE("bedrock: an error message in the stream is an error of its code") {
  CHECK(decode(k_stream, message({{":message-type", "error"},
                                  {":error-code", "InternalError"},
                                  {":error-message", "An internal server error occurred"}},
                                 "")) ==
        Texts{"stream_error: error in the stream: An internal server error occurred"});
  CHECK(decode(k_stream, message({{":message-type", "error"}}, "")) ==
        Texts{"stream_error: error in the stream: no message"});
}

TEST_CASE("bedrock: events that are unknown or have no type are no content") {
  CHECK(decode(k_stream, event_message("initial-response", "not JSON") +
                             message({{":message-type", "event"}}, "{}") + message({}, "") +
                             event_message("contentBlockDelta", "")) == Texts(4, "-"));
}

TEST_CASE("bedrock: a payload that is no JSON object is a protocol error") {
  const std::string broken = "protocol_error: an event is not a JSON object in valid UTF-8";
  CHECK(decode(k_stream, event_message("contentBlockDelta", "{") + k_usage) == Texts{broken});
  CHECK(decode(k_stream, event_message("metadata", "[]")) == Texts{broken});
}

TEST_CASE("bedrock: a stream that is damaged or another one is a protocol error") {
  std::string damaged = delta(R"("text":"b")");
  damaged[damaged.size() - 10] = '~';
  CHECK(decode(k_stream, delta(R"("text":"a")") + damaged + k_usage) ==
        Texts{"content=a", "protocol_error: the checksum of an event-stream message is wrong"});
  CHECK(decode(k_stream, "data: {\"a\":1}\n\n") ==
        Texts{"protocol_error: the checksum of an event-stream message's lengths is wrong"});
}

TEST_CASE("bedrock: a body that ends within a message is truncated") {
  const std::string stream = delta(R"("text":"a")") + stop("end_turn");
  for (const std::size_t missing : {1U, 20U, 50U}) {
    CHECK(decode(k_stream, std::string_view(stream).substr(0, stream.size() - missing)) ==
          Texts{"content=a", "truncated: the stream ended within an event-stream message"});
  }
}

TEST_CASE("bedrock: an answer that is not streamed is one event") {
  CHECK(decode(k_body, R"({"metrics":{"latencyMs":3},"output":{"message":{"role":"assistant",)"
                       R"("content":[{"reasoningContent":{"reasoningText":{"text":"Hm",)"
                       R"("signature":"x"}}},{"text":"Hello"},{"toolUse":{"toolUseId":"t",)"
                       R"("name":"f","input":{"a":1}}}]}},"stopReason":"tool_use",)"
                       R"("usage":{"inputTokens":9,"outputTokens":2}})") ==
        Texts{R"(content=Hello{"a":1} reasoning=Hm finish=tool_calls usage=9/-/2/- done)"});
  CHECK(decode(k_body, R"({"output":{"message":{"content":[null,3,{"toolUse":3},)"
                       R"({"reasoningContent":{"reasoningText":"x"}}]}},"stopReason":3})") ==
        Texts{"reasoned done"});
  CHECK(decode(k_body, R"({"output":3})") == Texts{"done"});
}

}  // namespace inferometer::protocol::bedrock_test
