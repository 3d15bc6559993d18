#include "sim/api/event_stream.hpp"
#include "sim/api/wire_format.hpp"
#include "wire/base64.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <memory>
#include <string>
#include <vector>

namespace inferometer::sim::bedrock_invoke_test {
using namespace inferometer;
using namespace inferometer::sim::testing;
using nlohmann::json;

namespace {

constexpr Usage k_usage{
    .prompt_tokens = 10, .cached_prompt_tokens = 4, .completion_tokens = 2, .reasoning_tokens = 0};

std::unique_ptr<Renderer> renderer(const Behaviour& behaviour = {}) {
  return bedrock_invoke::wire_format().make_renderer({.model = "anthropic.claude"}, behaviour, {});
}

base::Result<Ask> parse(std::string body, bool stream = true) {
  const WireFormat format = bedrock_invoke::wire_format();
  const http::Request request{
      .method = "POST", .path = "/", .headers = {}, .body = std::move(body)};
  return format.parse(
      {.request = request, .route = format.routes[stream ? 0 : 1], .model = "anthropic.claude"});
}

/// The objects of the model inside of the chunks.
std::vector<json> objects(const std::string& bytes) {
  const EventStream stream = read_event_stream(bytes);
  CHECK(stream.whole);
  std::vector<json> found;
  for (const Message& message : stream.messages) {
    CHECK(message.type == "chunk");
    const json payload = json::parse(message.payload);
    CHECK(payload["p"].is_string());
    found.push_back(
        json::parse(wire::base64_decode(payload["bytes"].get<std::string>()).value_or("")));
  }
  return found;
}

}  // namespace

TEST_CASE("invoke: the body is that of the model and the path says the rest") {
  const std::string body = R"({"anthropic_version":"bedrock-2023-05-31","max_tokens":5,)"
                           R"("messages":[{"role":"user","content":"hello"}]})";
  const auto ask = parse(body);
  REQUIRE(ask);
  CHECK(ask->model == "anthropic.claude");
  CHECK(ask->max_tokens == 5);
  CHECK(ask->stream);
  CHECK(!parse(body, false)->stream);
  CHECK(!parse(R"({"max_tokens":5,"messages":[{"role":"user","content":"hello"}]})"));
  CHECK(!parse(R"({"anthropic_version":"bedrock-2023-05-31","max_tokens":5})"));
  CHECK(!parse("{"));
}

TEST_CASE("invoke: each event of the model is a chunk and pings are left out") {
  const auto model = renderer({.comments = true});
  Frames frames;
  model->comment(frames);
  model->opening(frames, k_usage);
  model->tokens(frames, TextKind::content, " a", k_usage);
  model->finish(frames, FinishReason::stop, k_usage);
  model->terminator(frames);
  std::string types;
  const std::vector<json> events = objects(frames.bytes);
  for (const json& event : events) {
    types += event["type"].get<std::string>() + ";";
  }
  CHECK(types ==
        "message_start;content_block_start;content_block_delta;content_block_stop;message_delta;"
        "message_stop;");
  CHECK(events[2]["delta"]["text"] == " a");
  const json& metrics = events.back()["amazon-bedrock-invocationMetrics"];
  CHECK(metrics["inputTokenCount"] == 6);
  CHECK(metrics["outputTokenCount"] == 2);
}

TEST_CASE("invoke: the time is beside the bytes of a text and the message is sealed") {
  const auto model = renderer({.stamp = true});
  Frames frames;
  model->opening(frames, k_usage);
  frames.clear();
  model->tokens(frames, TextKind::content, " a", k_usage);
  frames.stamp(5);
  const EventStream stream = read_event_stream(frames.bytes);
  CHECK(stream.whole);
  REQUIRE(stream.messages.size() == 1);
  CHECK(json::parse(stream.messages[0].payload)["sim_sent_ns"] == "00000000000000000005");
}

TEST_CASE("invoke: errors are exceptions and broken events are broken") {
  Frames frames;
  renderer()->error(frames, ErrorKind::overloaded);
  CHECK(read_event_stream(frames.bytes).messages.at(0).type == "serviceUnavailableException");

  frames.clear();
  const auto model = renderer();
  model->malformed(frames);
  const EventStream stream = read_event_stream(frames.bytes);
  CHECK(stream.whole);
  const json payload = json::parse(stream.messages.at(0).payload);
  CHECK(!json::accept(wire::base64_decode(payload["bytes"].get<std::string>()).value_or("{}")));

  frames.clear();
  renderer({.fault = Fault::corrupt_crc})->malformed(frames);
  CHECK(!read_event_stream(frames.bytes).whole);

  frames.clear();
  renderer()->unfinished(frames);
  CHECK(frames.bytes.ends_with(R"({"bytes":")"));
}

TEST_CASE("invoke: an answer that is not streamed is the model's own") {
  const json answer = json::parse(renderer()->completion("a b", "", FinishReason::length, k_usage));
  CHECK(answer["type"] == "message");
  CHECK(answer["content"][0]["text"] == "a b");
  CHECK(answer["stop_reason"] == "max_tokens");
}

}  // namespace inferometer::sim::bedrock_invoke_test
