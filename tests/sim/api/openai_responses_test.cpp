#include "sim/api/format_driver.hpp"
#include "sim/api/wire_format.hpp"
#include "sim/sim_client.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace inferometer::sim::openai_responses_test {
using namespace inferometer::sim::testing;
using nlohmann::json;

namespace {

http::Request with(std::string_view more) {
  return post_to("/v1/responses", R"({"model":"m","input":"hi")" + std::string(more) + "}");
}

std::string refusal(std::string_view body) {
  return refusal_of(post_to("/v1/responses", body));
}

std::vector<json> events(std::string_view bytes) {
  std::vector<json> parsed;
  for (const std::string& payload : payloads(bytes)) {
    parsed.push_back(json::parse(payload));
  }
  return parsed;
}

std::vector<std::string> types(std::string_view bytes) {
  std::vector<std::string> names;
  for (const json& event : events(bytes)) {
    names.push_back(event["type"]);
  }
  return names;
}

}  // namespace

TEST_CASE("a request for a response is understood with its instructions first") {
  const Ask ask = ask_of(with(R"(,"instructions":"be brief. ","stream":true,
                                  "max_output_tokens":16,"reasoning":{"summary":"auto"})"))
                      .value();
  CHECK(ask.model == "m");
  CHECK(ask.stream);
  CHECK(ask.max_tokens == 16U);
  CHECK(ask.prompt == "be brief. hi");
  CHECK(ask.include_reasoning);
  const Ask items = ask_of(post_to("/v1/responses",
                                   R"({"model":"m","input":[{"role":"user","content":
                         [{"type":"input_text","text":"ab"}]}]})"))
                        .value();
  CHECK(items.prompt == "ab");
  CHECK(!items.stream);
  CHECK(!items.include_reasoning);
}

TEST_CASE("a request for a response that OpenAI would refuse is refused") {
  CHECK(refusal("").find("JSON") != std::string::npos);
  CHECK(refusal(R"({"input":"x"})").find("`model`") != std::string::npos);
  CHECK(refusal(R"({"model":"m"})").find("`input`") != std::string::npos);
  CHECK(refusal(R"({"model":"m","input":1})").find("`input`") != std::string::npos);
  CHECK(refusal(R"({"model":"m","input":[]})").find("`input`") != std::string::npos);
  CHECK(refusal(R"({"model":"m","input":[{"content":"x"}]})").find("`input[0]`") !=
        std::string::npos);
  CHECK(refusal_of(with(R"(,"max_output_tokens":15)")) ==
        "`max_output_tokens` must be an integer of at least 16");
  CHECK(refusal_of(with(R"(,"instructions":["x"])")).find("`instructions`") == 0);
  CHECK(refusal_of(with(R"(,"instructions":1)")).find("`instructions`") == 0);
  CHECK(refusal_of(with(R"(,"reasoning":"low")")).find("`reasoning`") == 0);
  CHECK(refusal_of(with(R"(,"reasoning":{"summary":1})")).find("`reasoning.summary`") == 0);
  CHECK(refusal_of(with(R"(,"stream":true,"stream_options":{"include_usage":true})"))
            .find("include_usage") != std::string::npos);
}

TEST_CASE("a stream of a response begins and ends with the response") {
  CHECK(whole_stream(openai_responses::wire_format()) ==
        R"(event: response.created
data: {"type":"response.created","sequence_number":0,"response":{"id":"resp_0000000000000abc","object":"response","created_at":1700000000,"model":"m \"q\"","instructions":null,"metadata":{},"parallel_tool_calls":true,"temperature":1.0,"tool_choice":"auto","tools":[],"top_p":1.0,"status":"in_progress","error":null,"incomplete_details":null,"output":[],"usage":null}}

event: response.in_progress
data: {"type":"response.in_progress","sequence_number":1,"response":{"id":"resp_0000000000000abc","object":"response","created_at":1700000000,"model":"m \"q\"","instructions":null,"metadata":{},"parallel_tool_calls":true,"temperature":1.0,"tool_choice":"auto","tools":[],"top_p":1.0,"status":"in_progress","error":null,"incomplete_details":null,"output":[],"usage":null}}

event: response.output_item.added
data: {"type":"response.output_item.added","sequence_number":2,"output_index":0,"item":{"id":"msg_0000000000000abc0","type":"message","status":"in_progress","role":"assistant","content":[]}}

event: response.content_part.added
data: {"type":"response.content_part.added","sequence_number":3,"item_id":"msg_0000000000000abc0","output_index":0,"content_index":0,"part":{"type":"output_text","annotations":[],"logprobs":[],"text":""}}

event: response.output_text.delta
data: {"type":"response.output_text.delta","sequence_number":4,"item_id":"msg_0000000000000abc0","output_index":0,"content_index":0,"delta":" yes","logprobs":[]}

event: response.output_text.done
data: {"type":"response.output_text.done","sequence_number":5,"item_id":"msg_0000000000000abc0","output_index":0,"content_index":0,"text":" yes"}

event: response.content_part.done
data: {"type":"response.content_part.done","sequence_number":6,"item_id":"msg_0000000000000abc0","output_index":0,"content_index":0,"part":{"type":"output_text","annotations":[],"logprobs":[],"text":" yes"}}

event: response.output_item.done
data: {"type":"response.output_item.done","sequence_number":7,"output_index":0,"item":{"id":"msg_0000000000000abc0","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","annotations":[],"logprobs":[],"text":" yes"}]}}

event: response.completed
data: {"type":"response.completed","sequence_number":8,"response":{"id":"resp_0000000000000abc","object":"response","created_at":1700000000,"model":"m \"q\"","instructions":null,"metadata":{},"parallel_tool_calls":true,"temperature":1.0,"tool_choice":"auto","tools":[],"top_p":1.0,"status":"completed","error":null,"incomplete_details":null,"output":[{"id":"msg_0000000000000abc0","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","annotations":[],"logprobs":[],"text":" yes"}]}],"usage":{"input_tokens":7,"input_tokens_details":{"cached_tokens":3},"output_tokens":2,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":9}}}

)");
}

TEST_CASE("reasoning is an item of its own with a summary") {
  const std::string bytes =
      whole_stream(openai_responses::wire_format(), {.reasoning_tokens = 1, .stamp = true});
  CHECK(types(bytes) ==
        std::vector<std::string>{
            "response.created", "response.in_progress", "response.output_item.added",
            "response.reasoning_summary_part.added", "response.reasoning_summary_text.delta",
            "response.reasoning_summary_text.done", "response.reasoning_summary_part.done",
            "response.output_item.done", "response.output_item.added",
            "response.content_part.added", "response.output_text.delta",
            "response.output_text.done", "response.content_part.done", "response.output_item.done",
            "response.completed"});
  const auto all = events(bytes);
  for (std::size_t i = 0; i < all.size(); ++i) {
    CHECK(all[i]["sequence_number"] == i);
  }
  CHECK(all[4]["delta"] == " why");
  CHECK(all[4]["summary_index"] == 0);
  CHECK(all[10]["output_index"] == 1);
  const json& output = all.back()["response"]["output"];
  CHECK(output[0]["summary"][0]["text"] == " why");
  CHECK(output[1]["content"][0]["text"] == " yes");
  CHECK(all.back()["response"]["usage"]["output_tokens_details"]["reasoning_tokens"] == 1);
  CHECK(stamps(bytes).size() == 2);
}

TEST_CASE("reasoning that no one asked to see is an item without a summary") {
  Ask ask = streamed_ask();
  ask.include_reasoning = false;
  const std::string bytes =
      whole_stream(openai_responses::wire_format(), {.reasoning_tokens = 1}, ask);
  CHECK(count(bytes, "reasoning_summary") == 0);
  CHECK(events(bytes).back()["response"]["output"][0]["summary"] == json::array());
}

TEST_CASE("a response that ends early says why") {
  const auto response = [](FinishReason reason) {
    const std::string bytes =
        whole_stream(openai_responses::wire_format(), {}, streamed_ask(), reason);
    CHECK(types(bytes).back() == "response.incomplete");
    return events(bytes).back()["response"];
  };
  CHECK(response(FinishReason::length)["status"] == "incomplete");
  CHECK(response(FinishReason::length)["incomplete_details"]["reason"] == "max_output_tokens");
  CHECK(response(FinishReason::content_filter)["incomplete_details"]["reason"] == "content_filter");
}

TEST_CASE("the event that ends a response is what a stream can miss") {
  const std::string bytes =
      rendered(openai_responses::wire_format(), [](Renderer& renderer, Frames& frames) {
        renderer.opening(frames, {});
        renderer.finish(frames, FinishReason::stop, {});
      });
  CHECK(types(bytes).back() == "response.output_item.done");
  CHECK(count(bytes, "response.output_text.delta") == 0);
}

TEST_CASE("a text without end is not kept") {
  const auto renderer =
      openai_responses::wire_format().make_renderer(streamed_ask(), {}, k_answer_id);
  Frames frames;
  const std::string text(std::size_t{1024} * 1024, 'x');
  for (int i = 0; i < 12; ++i) {
    renderer->tokens(frames, TextKind::content, text, {});
    frames.clear();
  }
  renderer->finish(frames, FinishReason::stop, {});
  constexpr std::size_t k_repeated = 32;
  CHECK(frames.bytes.size() < k_repeated * text.size());
}

TEST_CASE("a response that is not streamed is one object") {
  const json whole = json::parse(whole_body(openai_responses::wire_format(), FinishReason::length));
  CHECK(whole["object"] == "response");
  CHECK(whole["status"] == "incomplete");
  CHECK(whole["output"][0]["type"] == "reasoning");
  CHECK(whole["output"][1]["content"][0]["text"] == " yes");
  CHECK(whole["usage"]["total_tokens"] == 9);
  CHECK(json::parse(whole_body(openai_responses::wire_format(), FinishReason::stop, ""))["output"]
            .size() == 1);
}

TEST_CASE("a response fails as such or by an event of its own") {
  const std::string failed =
      error_in_stream(openai_responses::wire_format(), ErrorKind::server_error);
  CHECK(types(failed) == std::vector<std::string>{"response.failed"});
  CHECK(events(failed)[0]["response"]["status"] == "failed");
  CHECK(events(failed)[0]["response"]["error"]["code"] == "server_error");
  CHECK(error_in_stream(openai_responses::wire_format(), ErrorKind::rate_limit) ==
        "event: error\n"
        R"(data: {"type":"error","sequence_number":0,"code":"rate_limit_exceeded",)"
        R"("message":"Rate limit reached. Please try again later.","param":null})"
        "\n\n");
}

TEST_CASE("what clients of responses must ignore is a comment and what they cannot parse is cut") {
  CHECK(rendered(openai_responses::wire_format(), [](Renderer& r, Frames& f) { r.comment(f); }) ==
        ": keep-alive\n\n");
  const std::string bad =
      rendered(openai_responses::wire_format(), [](Renderer& r, Frames& f) { r.malformed(f); });
  REQUIRE(payloads(bad).size() == 1);
  CHECK(!json::accept(payloads(bad)[0]));
  CHECK(rendered(openai_responses::wire_format(), [](Renderer& r, Frames& f) {
          r.unfinished(f);
        }).ends_with(R"("delta":")"));
}

TEST_CASE("a response before its stream fails like a chat completion") {
  const http::Response refused =
      openai_responses::wire_format().render_error({.kind = ErrorKind::quota});
  CHECK(refused.status == 429);
  CHECK(json::parse(refused.body)["error"]["code"] == "insufficient_quota");
}

}  // namespace inferometer::sim::openai_responses_test
