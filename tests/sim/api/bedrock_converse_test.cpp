#include "sim/api/event_stream.hpp"
#include "sim/api/wire_format.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <memory>
#include <string>
#include <vector>

using namespace inferometer;
using namespace inferometer::sim;
using namespace inferometer::sim::testing;
using nlohmann::json;

namespace {

base::Result<Ask> parse(std::string body, bool stream = true) {
  const WireFormat format = bedrock_converse::wire_format();
  const http::Request request{
      .method = "POST", .path = "/", .headers = {}, .body = std::move(body)};
  return format.parse(
      {.request = request, .route = format.routes[stream ? 0 : 1], .model = "anthropic.claude"});
}

std::unique_ptr<Renderer> renderer(const Behaviour& behaviour = {}) {
  return bedrock_converse::wire_format().make_renderer({}, behaviour, {});
}

/// The events of an answer with a text of each kind, without the padding.
std::vector<std::string> play(Renderer& model) {
  constexpr Usage k_usage{.prompt_tokens = 10,
                          .cached_prompt_tokens = 4,
                          .completion_tokens = 3,
                          .reasoning_tokens = 1};
  Frames frames;
  model.opening(frames, k_usage);
  model.tokens(frames, TextKind::reasoning, "hm", k_usage);
  model.tokens(frames, TextKind::content, " a", k_usage);
  model.tokens(frames, TextKind::content, " b", k_usage);
  model.finish(frames, FinishReason::length, k_usage);
  model.terminator(frames);
  const EventStream stream = read_event_stream(frames.bytes);
  CHECK(stream.whole);
  std::vector<std::string> script;
  for (const Message& message : stream.messages) {
    CHECK(message.kind == "event");
    json payload = json::parse(message.payload);
    CHECK(payload["p"].is_string());
    payload.erase("p");
    script.push_back(message.type + payload.dump());
  }
  return script;
}

}  // namespace

TEST_CASE("converse: a request is understood") {
  const auto ask = parse(
      R"({"system":[{"text":"be brief"}],"messages":[{"role":"user","content":[{"text":"hi"}]}],)"
      R"("inferenceConfig":{"maxTokens":7,"temperature":0}})");
  REQUIRE(ask);
  CHECK(ask->model == "anthropic.claude");
  CHECK(ask->prompt.find("be brief") != std::string::npos);
  CHECK(ask->prompt.find("hi") != std::string::npos);
  CHECK(ask->max_tokens == 7);
  CHECK(ask->stream);
  CHECK(!parse(R"({"messages":[{"role":"user","content":[{"text":"hi"}]}]})", false)->stream);
}

TEST_CASE("converse: a request that the API would refuse is refused") {
  for (const char* body :
       {"", "[]", "{}", R"({"messages":[]})", R"({"messages":[{"role":"user"}]})",
        R"({"messages":[{"role":"system","content":[{"text":"x"}]}]})"}) {
    CAPTURE(body);
    CHECK(!parse(body));
  }
  const std::string good = R"({"messages":[{"role":"user","content":[{"text":"x"}]}])";
  CHECK(parse(good + "}"));
  for (const char* member :
       {R"("system":"x")", R"("inferenceConfig":[])", R"("inferenceConfig":{"maxTokens":0})",
        R"("inferenceConfig":{"maxTokens":"9"})"}) {
    CAPTURE(member);
    CHECK(!parse(good + "," + member + "}"));
  }
}

TEST_CASE("converse: the events come in the order of the API with the usage last") {
  const std::vector<std::string> script = play(*renderer());
  REQUIRE(script.size() == 9);
  CHECK(script[0] == R"(messageStart{"role":"assistant"})");
  CHECK(script[1] ==
        R"(contentBlockDelta{"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"hm"}}})");
  CHECK(script[2].find(R"("reasoningContent":{"signature":)") != std::string::npos);
  CHECK(script[3] == R"(contentBlockStop{"contentBlockIndex":0})");
  CHECK(script[4] == R"(contentBlockDelta{"contentBlockIndex":1,"delta":{"text":" a"}})");
  CHECK(script[5] == R"(contentBlockDelta{"contentBlockIndex":1,"delta":{"text":" b"}})");
  CHECK(script[6] == R"(contentBlockStop{"contentBlockIndex":1})");
  CHECK(script[7] == R"(messageStop{"stopReason":"max_tokens"})");
  CHECK(script[8] ==
        R"(metadata{"metrics":{"latencyMs":3},"usage":{"cacheReadInputTokens":4,)"
        R"("cacheWriteInputTokens":0,"inputTokens":6,"outputTokens":3,"totalTokens":13}})");
  CHECK(play(*renderer({.usage = UsagePlacement::none})).size() == 8);
}

TEST_CASE("converse: a stamped message is sealed again once it has its time") {
  const auto model = renderer({.stamp = true});
  Frames frames;
  model->opening(frames, {});
  model->tokens(frames, TextKind::content, " a", {});
  model->tokens(frames, TextKind::content, " b", {});
  frames.stamp(1234567890123U);
  const EventStream stream = read_event_stream(frames.bytes);
  CHECK(stream.whole);
  REQUIRE(stream.messages.size() == 3);
  CHECK(!json::parse(stream.messages[0].payload).contains("sim_sent_ns"));
  CHECK(json::parse(stream.messages[1].payload)["sim_sent_ns"] == "00000001234567890123");
  CHECK(json::parse(stream.messages[2].payload)["sim_sent_ns"] == "00000001234567890123");
}

TEST_CASE("converse: an error in the stream is an exception of the API") {
  const auto exception = [](ErrorKind kind) {
    Frames frames;
    renderer()->error(frames, kind);
    const EventStream stream = read_event_stream(frames.bytes);
    CHECK(stream.whole);
    REQUIRE(stream.messages.size() == 1);
    CHECK(stream.messages[0].kind == "exception");
    CHECK(json::parse(stream.messages[0].payload)["message"].is_string());
    return stream.messages[0].type;
  };
  CHECK(exception(ErrorKind::server_error) == "internalServerException");
  CHECK(exception(ErrorKind::overloaded) == "serviceUnavailableException");
  CHECK(exception(ErrorKind::rate_limit) == "throttlingException");
  CHECK(exception(ErrorKind::context_length) == "validationException");
}

TEST_CASE("converse: broken events are broken in the way that was asked for") {
  Frames frames;
  renderer()->malformed(frames);
  EventStream stream = read_event_stream(frames.bytes);
  CHECK(stream.whole);
  CHECK(!json::accept(stream.messages.at(0).payload));

  frames.clear();
  renderer({.fault = Fault::corrupt_crc})->malformed(frames);
  wire::EventStreamParser parser;
  CHECK(!parser.feed(frames.bytes, [](const wire::EventStreamMessage&) { CHECK(false); }));

  frames.clear();
  renderer({.fault = Fault::trailing_spaces})->tokens(frames, TextKind::content, "x", {});
  CHECK(read_event_stream(frames.bytes).messages.at(0).payload.ends_with("}   "));

  frames.clear();
  renderer()->comment(frames);
  CHECK(frames.bytes.empty());

  renderer()->unfinished(frames);
  CHECK(frames.bytes.ends_with(R"("delta":{"text":")"));
  CHECK(frames.bytes.substr(0, 4) == std::string("\x01\0\0\0", 4));
}

TEST_CASE("converse: an answer that is not streamed is one object") {
  const Usage usage{.prompt_tokens = 10, .cached_prompt_tokens = 4, .completion_tokens = 3};
  const json answer = json::parse(renderer()->completion("a b", "hm", FinishReason::stop, usage));
  const json& content = answer["output"]["message"]["content"];
  CHECK(answer["output"]["message"]["role"] == "assistant");
  CHECK(content[0]["reasoningContent"]["reasoningText"]["text"] == "hm");
  CHECK(content[1]["text"] == "a b");
  CHECK(answer["stopReason"] == "end_turn");
  CHECK(answer["usage"]["totalTokens"] == 13);
  CHECK(json::parse(renderer()->completion("a", "", FinishReason::content_filter,
                                           usage))["stopReason"] == "content_filtered");
}

TEST_CASE("converse: an error response has its type in a header and its message in the body") {
  const auto type = [](const ApiError& error) {
    const http::Response response = bedrock_converse::wire_format().render_error(error);
    CHECK(json::parse(response.body)["message"].is_string());
    REQUIRE(response.headers.size() == 1);
    const std::string& value = response.headers[0].second;
    return std::to_string(response.status) + " " + value.substr(0, value.find(':'));
  };
  CHECK(type({.kind = ErrorKind::rate_limit}) == "429 ThrottlingException");
  CHECK(type({.kind = ErrorKind::context_length}) == "400 ValidationException");
  CHECK(type({.kind = ErrorKind::not_found}) == "404 ResourceNotFoundException");
  CHECK(type({.kind = ErrorKind::server_error, .status = 424}) == "424 ModelErrorException");
  CHECK(type({.kind = ErrorKind::server_error, .status = 408}) == "408 ModelTimeoutException");
  CHECK(type({.kind = ErrorKind::overloaded, .status = 529}) == "529 ServiceUnavailableException");
  CHECK(bedrock_converse::wire_format()
            .render_error({.kind = ErrorKind::invalid_request, .message = "no \"model\""})
            .body == R"({"message":"no \"model\""})");
}
