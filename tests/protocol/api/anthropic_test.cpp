#include "protocol/api/apis.hpp"
#include "protocol/decode.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace inferometer::protocol;
using nlohmann::json;

namespace {

Generation generation() {
  Generation asked;
  asked.model = "claude-x";
  asked.prompt = "Hi";
  asked.max_output_tokens = 64;
  asked.max_tokens_parameter = "max_completion_tokens";
  return asked;
}

Texts decode(std::string_view stream) {
  return decode(anthropic::make_stream_decoder, stream);
}

Texts decode_body(std::string_view body) {
  return decode(anthropic::make_body_decoder, body);
}

void check_stream(const std::string& file_name, const Texts& expected) {
  CAPTURE(file_name);
  check_however_cut_and_ended(anthropic::make_stream_decoder, read_stream(file_name), expected);
}

/// A frame of that type with further members of its object.
std::string event(std::string_view type, std::string_view members) {
  return frame(type, R"({"type":")" + std::string(type) + "\"," + std::string(members) + "}");
}

std::string delta(std::string_view members) {
  return event("content_block_delta", R"("delta":{)" + std::string(members) + "}");
}

}  // namespace

TEST_CASE("anthropic: the request has exactly the members that are asked for") {
  const HttpRequest request = anthropic::make_request(generation());
  CHECK(request.path == "/messages");
  CHECK(request.headers == std::vector<Header>{{"Content-Type", "application/json"},
                                               {"Accept", "text/event-stream"},
                                               {"anthropic-version", "2023-06-01"}});
  CHECK(json::parse(request.body) == json::parse(R"({
    "model": "claude-x", "max_tokens": 64, "stream": true,
    "messages": [{"role": "user", "content": "Hi"}]})"));
  Generation asked = generation();
  asked.stream = false;
  asked.system_prompt = "Be brief.";
  asked.temperature = 1.0;
  CHECK(json::parse(anthropic::make_request(asked).body) == json::parse(R"({
    "model": "claude-x", "max_tokens": 64, "stream": false, "temperature": 1.0,
    "system": "Be brief.", "messages": [{"role": "user", "content": "Hi"}]})"));
}

TEST_CASE("anthropic: a stream gives its events however it is cut") {
  check_stream("anthropic.sse", {"usage=329/300/-/-", "-", "-", "content=Hello", "-",
                                 "content=, world", "-", "finish=stop usage=329/300/12/-", "done"});
  check_stream("anthropic_thinking.sse",
               {"usage=40/0/-/-", "reasoned", "reasoned", "reasoning=Let me see", "reasoned", "-",
                "reasoned", "-", "-", "-", R"(content={"city":)", R"(content="Bern"})", "-",
                "finish=tool_calls usage=41/0/90/30", "done"});
  check_stream("anthropic_error.sse", {"usage=9/-/-/-", "-", "content=Hel",
                                       "overloaded: error in the stream: Overloaded"});
}

TEST_CASE("anthropic: usage is merged from the events that bring its parts") {
  const std::string start =
      event("message_start", R"("message":{"usage":{"input_tokens":5,"cache_read_input_tokens":7,)"
                             R"("cache_creation_input_tokens":11,"output_tokens":3}})");
  CHECK(
      decode(start + event("message_delta", R"("delta":{},"usage":{"output_tokens":20})") +
             event("message_delta", R"("delta":{},"usage":{"input_tokens":6,"output_tokens":null,)"
                                    R"("cache_read_input_tokens":0})")) ==
      Texts{"usage=23/7/-/-", "usage=23/7/20/-", "usage=17/0/20/-"});
  // The placeholder of the start is never taken for the count.
  CHECK(decode(start + event("message_delta", R"("delta":{"stop_reason":"end_turn"})")) ==
        Texts{"usage=23/7/-/-", "finish=stop"});
  CHECK(decode(event("message_start", R"("message":{"usage":null})") +
               event("message_start", R"("message":{})") + event("message_delta", R"("usage":[])") +
               event("message_delta", R"("usage":{"input_tokens":-1,"output_tokens":"x",)"
                                      R"("output_tokens_details":7})")) ==
        Texts{"-", "-", "-", "-"});
}

TEST_CASE("anthropic: stop reasons are normalised") {
  const auto stop = [](std::string_view reason) {
    return decode(event("message_delta", R"("delta":{"stop_reason":)" + std::string(reason) + "}"));
  };
  CHECK(stop(R"("end_turn")") == Texts{"finish=stop"});
  CHECK(stop(R"("stop_sequence")") == Texts{"finish=stop"});
  CHECK(stop(R"("max_tokens")") == Texts{"finish=length"});
  CHECK(stop(R"("model_context_window_exceeded")") == Texts{"finish=length"});
  CHECK(stop(R"("tool_use")") == Texts{"finish=tool_calls"});
  CHECK(stop(R"("pause_turn")") == Texts{"finish=tool_calls"});
  CHECK(stop(R"("refusal")") == Texts{"finish=content_filter"});
  CHECK(stop(R"("of tomorrow")") == Texts{"finish=stop"});
  CHECK(stop("null") == Texts{"-"});
  CHECK(stop("7") == Texts{"-"});
}

TEST_CASE("anthropic: signatures and citations and empty deltas are no text") {
  CHECK(decode(delta(R"("type":"signature_delta","signature":"x")") +
               delta(R"("type":"citations_delta","citation":{"cited_text":"x"})") +
               delta(R"("type":"text_delta","text":"")") +
               delta(R"("type":"thinking_delta","thinking":"")") +
               delta(R"("type":"input_json_delta","partial_json":"")")) ==
        Texts{"reasoned", "-", "-", "reasoned", "-"});
}

TEST_CASE("anthropic: servers that put text into the start of a block are understood") {
  CHECK(decode(event("content_block_start", R"("content_block":{"type":"text","text":"Hi"})") +
               event("content_block_start",
                     R"("content_block":{"type":"tool_use","name":"f","input":{"a":1}})")) ==
        Texts{"content=Hi", R"(content={"a":1})"});
}

TEST_CASE("anthropic: events of unknown types and pings are no content whatever they hold") {
  CHECK(decode(frame("ping", R"({"type":"ping"})") + frame("ping", "not json") +
               event("brand_new", R"("delta":{"text":"x"})") + frame(R"({"type":"brand_new"})") +
               frame("{}")) == Texts(5, "-"));
}

TEST_CASE("anthropic: the object names its type where the frame does not") {
  CHECK(decode(frame(R"({"type":"content_block_delta","delta":{"text":"Hi"}})") +
               frame(R"({"type":"message_stop"})") +
               frame(R"({"type":"content_block_delta","delta":{"text":"late"}})")) ==
        Texts{"content=Hi", "done"});
  CHECK(decode(frame(R"({"type":"error","error":{"type":"rate_limit_error","message":"boom"}})")) ==
        Texts{"rate_limited: error in the stream: boom"});
}

TEST_CASE("anthropic: an error in the stream has the class that it names") {
  const auto outcome = [](const std::string& type) {
    const Texts events =
        decode(frame("error", R"({"type":"error","error":{"type":")" + type + "\"}}") +
               delta(R"("text":"late")"));
    return events.front().substr(0, events.front().find(':'));
  };
  CHECK(outcome("overloaded_error") == "overloaded");
  CHECK(outcome("rate_limit_error") == "rate_limited");
  CHECK(outcome("authentication_error") == "auth_error");
  CHECK(outcome("permission_error") == "auth_error");
  CHECK(outcome("billing_error") == "quota_exhausted");
  CHECK(outcome("api_error") == "stream_error");
  CHECK(outcome("timeout_error") == "stream_error");
  CHECK(outcome("invalid_request_error") == "stream_error");
}

TEST_CASE("anthropic: members of a wrong type are no text and no error") {
  CHECK(decode(delta(R"("text":7,"thinking":[],"partial_json":{},"input":"x")") +
               event("content_block_delta", R"("delta":"x")") +
               event("content_block_start", R"("content_block":["x"])") +
               event("message_start", R"("message":"x")") +
               event("message_delta", R"("delta":7,"usage":"x")")) == Texts(5, "-"));
  CHECK(decode(frame("message_delta", "null")) ==
        Texts{"protocol_error: an event is not a JSON object in valid UTF-8"});
}

TEST_CASE("anthropic: the input of a tool that nests deeply is read without harm") {
  const std::string nested = std::string(90'000, '[') + std::string(90'000, ']');
  CHECK(decode(event("content_block_start", R"("content_block":{"input":{"a":)" + nested + "}}")) ==
        Texts{"-"});
}

TEST_CASE("anthropic: an answer that is not streamed is one event") {
  CHECK(decode_body(
            R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-x","content":[)"
            R"({"type":"thinking","thinking":"Hm","signature":"x"},{"type":"text","text":"Hi"},)"
            R"({"type":"tool_use","id":"toolu_1","name":"f","input":{"a":1}}],)"
            R"("stop_reason":"tool_use","usage":{"input_tokens":5,"output_tokens":7}})") ==
        Texts{R"(content=Hi{"a":1} reasoning=Hm finish=tool_calls usage=5/-/7/- done)"});
  CHECK(decode_body(R"({"type":"error","error":{"type":"overloaded_error","message":"boom"}})") ==
        Texts{"overloaded: error in the stream: boom"});
  CHECK(decode_body(R"({"content":"x","usage":7})") == Texts{"done"});
}
