#include "protocol/api/apis.hpp"
#include "protocol/decode.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace inferometer::protocol::openai_responses_test {
using nlohmann::json;

namespace {

Generation generation() {
  Generation asked;
  asked.model = "gpt-5-mini";
  asked.prompt = "Hi";
  asked.max_output_tokens = 64;
  asked.max_tokens_parameter = "max_tokens";
  return asked;
}

Texts decode(std::string_view stream) {
  return decode(openai_responses::make_stream_decoder, stream);
}

Texts decode_body(std::string_view body) {
  return decode(openai_responses::make_body_decoder, body);
}

void check_stream(const std::string& file_name, const Texts& expected) {
  CAPTURE(file_name);
  check_however_cut_and_ended(openai_responses::make_stream_decoder, read_stream(file_name),
                              expected);
}

/// A frame of that type with further members of its object.
std::string event(std::string_view type, std::string_view members = "") {
  return frame(type, R"({"type":")" + std::string(type) + '"' + (members.empty() ? "" : ",") +
                         std::string(members) + "}");
}

}  // namespace

TEST_CASE("openai-responses: the request has exactly the members that are asked for") {
  const HttpRequest request = openai_responses::make_request(generation());
  CHECK(request.path == "/responses");
  CHECK(request.headers ==
        std::vector<Header>{{"Content-Type", "application/json"}, {"Accept", "text/event-stream"}});
  CHECK(json::parse(request.body) == json::parse(R"({
    "model": "gpt-5-mini", "input": "Hi", "stream": true, "store": false,
    "max_output_tokens": 64})"));
  Generation asked = generation();
  asked.stream = false;
  asked.system_prompt = "Be brief.";
  asked.temperature = 0.0;
  CHECK(json::parse(openai_responses::make_request(asked).body) == json::parse(R"({
    "model": "gpt-5-mini", "input": "Hi", "stream": false, "store": false,
    "max_output_tokens": 64, "instructions": "Be brief.", "temperature": 0.0})"));
}

TEST_CASE("openai-responses: a bound that the API would refuse is raised to its least") {
  Generation asked = generation();
  asked.max_output_tokens = 1;
  CHECK(json::parse(openai_responses::make_request(asked).body).at("max_output_tokens") == 16);
}

TEST_CASE("openai-responses: a stream gives its events however it is cut") {
  check_stream("openai_responses.sse",
               {"-", "-", "-", "-", "reasoning=Greet", "-", "-", "-", "-", "-", "content=Hel",
                "content=lo", "-", "-", "-", "finish=stop usage=8/2/70/64 done"});
  check_stream("openai_responses_error.sse",
               {"-", "content=Hel", "stream_error: error in the stream: The server had an error"});
  check_stream("openai_responses_failed.sse",
               {"-", "rate_limited: error in the stream: Rate limit reached"});
}

TEST_CASE("openai-responses: text and refusals and arguments are content and thoughts are not") {
  CHECK(decode(event("response.output_text.delta", R"("delta":"Hi")") +
               event("response.function_call_arguments.delta", R"("delta":"{\"a\"")") +
               event("response.custom_tool_call_input.delta", R"("delta":"ls")") +
               event("response.refusal.delta", R"("delta":"No.")") +
               event("response.refusal.delta", R"("delta":"")") +
               event("response.reasoning_summary_text.delta", R"("delta":"Hm")") +
               event("response.reasoning_text.delta", R"("delta":"Hm")")) ==
        Texts{"content=Hi", R"(content={"a")", "content=ls", "content=No. refusal", "-",
              "reasoning=Hm", "reasoning=Hm"});
}

TEST_CASE("openai-responses: whole texts do not count again and other events do not at all") {
  for (const std::string_view type :
       {"response.output_text.done", "response.refusal.done", "response.reasoning_text.done",
        "response.function_call_arguments.done", "response.output_text.annotation.added",
        "response.web_search_call.searching", "response.queued", "response.brand_new"}) {
    CAPTURE(type);
    CHECK(decode(event(type, R"("delta":"x","text":"x","error":{"message":"x"})")) == Texts{"-"});
    CHECK(decode(frame(type, "not json")) == Texts{"-"});
  }
}

TEST_CASE("openai-responses: the object names its type where the frame does not") {
  CHECK(decode(frame(R"({"type":"response.output_text.delta","delta":"Hi"})") +
               frame("message", R"({"type":"response.output_text.delta","delta":"Hi"})") +
               frame(R"({"type":"response.completed"})")) ==
        Texts{"content=Hi", "content=Hi", "finish=stop done"});
}

TEST_CASE("openai-responses: the status stands for a finish reason and ends the stream") {
  const auto ending = [](std::string_view type, std::string_view response) {
    return decode(event(type, R"("response":)" + std::string(response)) +
                  event("response.output_text.delta", R"("delta":"late")"));
  };
  CHECK(ending("response.completed", R"({"status":"completed"})") == Texts{"finish=stop done"});
  CHECK(ending("response.completed", R"({"output":[{"type":"function_call","arguments":"{}"}]})") ==
        Texts{"finish=tool_calls done"});
  CHECK(ending("response.incomplete", R"({"incomplete_details":{"reason":"max_output_tokens"}})") ==
        Texts{"finish=length done"});
  CHECK(ending("response.incomplete", R"({"incomplete_details":{"reason":"content_filter"}})") ==
        Texts{"finish=content_filter done"});
  CHECK(ending("response.incomplete", R"({"incomplete_details":null})") ==
        Texts{"finish=error done"});
  CHECK(ending("response.cancelled", "{}") == Texts{"finish=error done"});
  CHECK(ending("response.completed", "7") == Texts{"finish=stop done"});
}

TEST_CASE("openai-responses: a failure has the class that it names") {
  const auto failed = [](std::string_view response) {
    return decode(event("response.failed", R"("response":)" + std::string(response)));
  };
  CHECK(failed(R"({"status":"failed","error":{"code":"server_error","message":"boom"}})") ==
        Texts{"stream_error: error in the stream: boom"});
  CHECK(failed(R"({"error":{"code":"bio_policy","message":"boom"}})") ==
        Texts{"content_filtered: error in the stream: boom"});
  CHECK(failed(R"({"error":null})") ==
        Texts{"stream_error: error in the stream: the response failed"});
  CHECK(failed("null") == Texts{"stream_error: error in the stream: the response failed"});
}

TEST_CASE("openai-responses: an error is known in every form") {
  for (const std::string& error :
       {event("error", R"("code":"rate_limit_exceeded","message":"boom","param":null)"),
        frame(R"({"type":"error","code":"rate_limit_exceeded","message":"boom"})"),
        frame(R"({"type":"error","error":{"code":"rate_limit_exceeded","message":"boom"}})"),
        frame(R"({"error":{"code":429,"message":"boom"}})"),
        std::string("{\"error\":{\"code\":429,\"message\":\"boom\"}}\n")}) {
    CAPTURE(error);
    CHECK(decode(error + event("response.completed")) ==
          Texts{"rate_limited: error in the stream: boom"});
  }
}

TEST_CASE("openai-responses: members of a wrong type are no text and no error") {
  CHECK(decode(event("response.output_text.delta") +
               event("response.output_text.delta", R"("delta":null)") +
               event("response.output_text.delta", R"("delta":{"text":"x"})") +
               event("response.refusal.delta", R"("delta":7)") + frame("{}") +
               frame(R"({"type":7})")) == Texts(6, "-"));
  CHECK(decode(event("response.completed",
                     R"("response":{"output":7,"usage":[],"error":[],"status":7})")) ==
        Texts{"finish=stop done"});
  CHECK(decode(event("response.completed",
                     R"("response":{"usage":{"input_tokens":-1,"output_tokens":"7",)"
                     R"("input_tokens_details":7,"output_tokens_details":null}})")) ==
        Texts{"finish=stop done"});
}

TEST_CASE("openai-responses: an end mark of other APIs ends the stream and nothing does not") {
  CHECK(decode(event("response.output_text.delta", R"("delta":"Hi")") + k_done) ==
        Texts{"content=Hi", "done"});
  CHECK(decode(event("response.output_text.delta", R"("delta":"Hi")")) == Texts{"content=Hi"});
  CHECK(decode("event: response.output_text.delta\n" + frame("[]")) ==
        Texts{"protocol_error: an event is not a JSON object in valid UTF-8"});
}

TEST_CASE("openai-responses: deep nesting is read without harm") {
  const std::string nested = std::string(90'000, '[') + std::string(90'000, ']');
  CHECK(decode(event("response.completed", R"("response":{"output":)" + nested + "}")) ==
        Texts{"finish=stop done"});
  CHECK(decode(event("response.completed", R"("response":)" + nested)) ==
        Texts{"finish=stop done"});
}

TEST_CASE("openai-responses: an answer that is not streamed is one event") {
  CHECK(decode_body(R"({"id":"resp_1","status":"completed","error":null,"output":[)"
                    R"({"type":"reasoning","summary":[{"type":"summary_text","text":"Hm"}],)"
                    R"("content":[{"type":"reasoning_text","text":"!"}]},)"
                    R"({"type":"message","content":[{"type":"output_text","text":"Hi"}]}],)"
                    R"("usage":{"input_tokens":8,"output_tokens":5,"total_tokens":13,)"
                    R"("output_tokens_details":{"reasoning_tokens":4}}})") ==
        Texts{"content=Hi reasoning=!Hm finish=stop usage=8/-/5/4 done"});
  CHECK(decode_body(R"({"status":"completed","output":[)"
                    R"({"type":"function_call","name":"f","arguments":"{}"},)"
                    R"({"type":"custom_tool_call","name":"f","input":"ls"}]})") ==
        Texts{"content={}ls finish=tool_calls done"});
  CHECK(decode_body(R"({"status":"completed","output":[{"type":"message",)"
                    R"("content":[{"type":"refusal","refusal":"No."}]}]})") ==
        Texts{"content=No. refusal finish=stop done"});
  CHECK(decode_body(R"({"status":"incomplete","incomplete_details":{"reason":"content_filter"},)"
                    R"("output":[]})") == Texts{"finish=content_filter done"});
  CHECK(decode_body(R"({"status":"failed","error":{"code":"server_error","message":"boom"}})") ==
        Texts{"stream_error: error in the stream: boom"});
  CHECK(decode_body(R"({"error":{"message":"boom","code":"invalid_api_key"}})") ==
        Texts{"auth_error: error in the stream: boom"});
  CHECK(decode_body("[]") ==
        Texts{"protocol_error: the answer is not a JSON object in valid UTF-8"});
  CHECK(decode_body(R"({"output":[null,7,{"content":[7]}]})") == Texts{"done"});
}

}  // namespace inferometer::protocol::openai_responses_test
