#include "sim/api/format_driver.hpp"
#include "sim/api/wire_format.hpp"
#include "sim/sim_client.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace inferometer::sim::ollama_test {
using namespace inferometer::sim::testing;
using nlohmann::json;

namespace {

http::Request with(std::string_view more) {
  return post_to("/api/chat", R"({"model":"m","messages":[{"role":"user","content":"hi"}])" +
                                  std::string(more) + "}");
}

}  // namespace

TEST_CASE("a request to Ollama is streamed unless it says otherwise") {
  const Ask ask = ask_of(with(R"(,"options":{"num_predict":9,"seed":1})")).value();
  CHECK(ask.model == "m");
  CHECK(ask.stream);
  CHECK(ask.max_tokens == 9U);
  CHECK(ask.prompt == "hi");
  CHECK(ask.include_reasoning);
  CHECK(!ask_of(with(R"(,"stream":false)")).value().stream);
  CHECK(!ask_of(with(R"(,"options":{"num_predict":-1})")).value().max_tokens);
  CHECK(!ask_of(with(R"(,"think":false)")).value().include_reasoning);
  CHECK(ask_of(with(R"(,"think":"low")")).value().include_reasoning);
}

TEST_CASE("a request that Ollama would refuse is refused") {
  const auto reason = [](std::string_view body) { return refusal_of(post_to("/api/chat", body)); };
  CHECK(reason("").find("JSON") != std::string::npos);
  CHECK(reason(R"({"messages":[{"role":"user","content":"x"}]})").find("`model`") !=
        std::string::npos);
  CHECK(reason(R"({"model":"m"})").find("`messages`") != std::string::npos);
  CHECK(reason(R"({"model":"m","messages":[1]})").find("`messages[0]`") != std::string::npos);
  CHECK(refusal_of(with(R"(,"stream":"no")")).find("`stream`") != std::string::npos);
  CHECK(refusal_of(with(R"(,"options":[])")).find("`options`") != std::string::npos);
  CHECK(refusal_of(with(R"(,"options":{"num_predict":"9"})")).find("num_predict") !=
        std::string::npos);
  CHECK(refusal_of(with(R"(,"options":{"num_predict":1.5})")).find("num_predict") !=
        std::string::npos);
  CHECK(refusal_of(with(R"(,"think":"very")")).find("think") == 0);
  CHECK(refusal_of(with(R"(,"think":1)")).find("think") == 0);
}

TEST_CASE("a stream of Ollama is lines of JSON of which the last is done") {
  const std::string bytes = whole_stream(ollama::wire_format(), {.reasoning_tokens = 1});
  CHECK(
      bytes ==
      R"({"model":"m \"q\"","created_at":"2023-11-14T22:13:20Z","message":{"role":"assistant","content":"","thinking":" why"},"done":false}
{"model":"m \"q\"","created_at":"2023-11-14T22:13:20Z","message":{"role":"assistant","content":" yes"},"done":false}
{"model":"m \"q\"","created_at":"2023-11-14T22:13:20Z","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","total_duration":3000000,"load_duration":1000000,"prompt_eval_count":7,"prompt_eval_duration":1000000,"eval_count":2,"eval_duration":1000000}
)");
}

TEST_CASE("the line that is done is what a stream of Ollama can miss") {
  const std::string bytes = rendered(ollama::wire_format(), [](Renderer& renderer, Frames& frames) {
    renderer.opening(frames, {});
    renderer.tokens(frames, TextKind::content, " a", {});
    renderer.finish(frames, FinishReason::length, {});
  });
  CHECK(count(bytes, "\n") == 1);
  CHECK(count(bytes, R"("done":true)") == 0);
}

TEST_CASE("reasoning that Ollama is told to leave out is left out") {
  Ask ask = streamed_ask();
  ask.include_reasoning = false;
  CHECK(count(whole_stream(ollama::wire_format(), {.reasoning_tokens = 1}, ask), "thinking") == 0);
  CHECK(count(whole_body(ollama::wire_format(), FinishReason::stop, " why", ask), "thinking") == 0);
}

TEST_CASE("lines of Ollama can be stamped and have spaces at their end") {
  const std::string bytes =
      whole_stream(ollama::wire_format(), {.stamp = true, .fault = Fault::trailing_spaces});
  CHECK(stamps(bytes).size() == 1);
  CHECK(count(bytes, "   \n") == 2);
}

TEST_CASE("an answer of Ollama that is not streamed is one object") {
  const json whole = json::parse(whole_body(ollama::wire_format(), FinishReason::length));
  CHECK(whole["message"] == json{{"role", "assistant"}, {"content", " yes"}, {"thinking", " why"}});
  CHECK(whole["done"] == true);
  CHECK(whole["done_reason"] == "length");
  CHECK(whole["prompt_eval_count"] == 7);
  CHECK(whole["eval_count"] == 2);
}

TEST_CASE("figures of zero are left out") {
  const json whole = json::parse(ollama::wire_format()
                                     .make_renderer(streamed_ask(), {}, k_answer_id)
                                     ->completion("", "", FinishReason::stop, {}));
  CHECK(!whole.contains("prompt_eval_count"));
  CHECK(!whole.contains("eval_count"));
}

TEST_CASE("errors of Ollama are a text and the same within a stream") {
  const http::Response busy = ollama::wire_format().render_error({.kind = ErrorKind::overloaded});
  CHECK(busy.status == 503);
  CHECK(busy.body ==
        R"({"error":"server busy, please try again.  maximum pending requests exceeded"})");
  CHECK(error_in_stream(ollama::wire_format(), ErrorKind::overloaded) == busy.body + "\n");
  CHECK(ollama::wire_format().render_error({.kind = ErrorKind::context_length}).status == 400);
  CHECK(ollama::wire_format().render_error({.kind = ErrorKind::authentication}).status == 401);
  CHECK(ollama::wire_format().render_error({.kind = ErrorKind::quota, .status = 402}).status ==
        402);
  CHECK(ollama::wire_format().render_error({.message = "say \"it\""}).body ==
        R"({"error":"say \"it\""})");
}

TEST_CASE("Ollama has nothing that clients must ignore and its bad lines are no JSON") {
  CHECK(rendered(ollama::wire_format(), [](Renderer& r, Frames& f) { r.comment(f); }).empty());
  const std::string bad =
      rendered(ollama::wire_format(), [](Renderer& r, Frames& f) { r.malformed(f); });
  CHECK(bad.ends_with("\n"));
  CHECK(!json::accept(bad));
  CHECK(count(rendered(ollama::wire_format(), [](Renderer& r, Frames& f) { r.unfinished(f); }),
              "\n") == 0);
}

TEST_CASE("the tags of Ollama are its model") {
  CHECK(json::parse(ollama::wire_format().render_models("gpt-4o"))["models"][0]["name"] ==
        "gpt-4o");
}

}  // namespace inferometer::sim::ollama_test
