#include "sim/api/format_driver.hpp"
#include "sim/api/wire_format.hpp"
#include "sim/sim_client.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace inferometer::sim::openai_completions_test {
using namespace inferometer::sim::testing;
using nlohmann::json;

namespace {

Ask asked(std::string_view body) {
  return ask_of(post_to("/v1/completions", body)).value();
}

std::string refusal(std::string_view body) {
  return refusal_of(post_to("/v1/completions", body));
}

}  // namespace

TEST_CASE("the prompt of a completion is a text or a list of texts or of tokens") {
  const auto tokens = [](std::string_view prompt) {
    return asked(R"({"model":"m","prompt":)" + std::string(prompt) + "}").prompt_tokens;
  };
  CHECK(tokens(R"("12345")") == 2);
  CHECK(tokens(R"(["1234","56789"])") == 3);
  CHECK(tokens("[1,2,99999999]") == 3);
  CHECK(tokens("[[1],[2,3]]") == 3);
}

TEST_CASE("a completion has sixteen tokens unless the request says otherwise") {
  CHECK(asked(R"({"model":"m","prompt":"x"})").max_tokens == 16U);
  const Ask ask = asked(R"({"model":"m","prompt":"x","max_tokens":9,"stream":true,
                            "min_tokens":4,"ignore_eos":true,
                            "stream_options":{"include_usage":true}})");
  CHECK(ask.max_tokens == 9U);
  CHECK(ask.min_tokens == 4);
  CHECK(ask.ignore_eos);
  CHECK(ask.include_usage);
}

TEST_CASE("a completion that OpenAI would refuse is refused") {
  CHECK(refusal("x").find("JSON") != std::string::npos);
  CHECK(refusal(R"({"prompt":"x"})").find("`model`") != std::string::npos);
  for (const char* prompt :
       {"null", "1", "{}", "[]", "[1.5]", "[-1]", "[[]]", "[[[1]]]", "[null]"}) {
    CAPTURE(prompt);
    CHECK(refusal(R"({"model":"m","prompt":)" + std::string(prompt) + "}").find("`prompt`") !=
          std::string::npos);
  }
}

TEST_CASE("a stream of a completion is texts and a reason and usage and the terminator") {
  CHECK(
      whole_stream(openai_completions::wire_format()) ==
      R"(data: {"id":"cmpl-0000000000000abc","object":"text_completion","created":1700000000,"model":"m \"q\"","choices":[{"index":0,"text":" yes","logprobs":null,"finish_reason":null}]}

data: {"id":"cmpl-0000000000000abc","object":"text_completion","created":1700000000,"model":"m \"q\"","choices":[{"index":0,"text":"","logprobs":null,"finish_reason":"stop"}]}

data: {"id":"cmpl-0000000000000abc","object":"text_completion","created":1700000000,"model":"m \"q\"","choices":[],"usage":{"prompt_tokens":7,"completion_tokens":2,"total_tokens":9,"prompt_tokens_details":{"cached_tokens":3}}}

data: [DONE]

)");
}

TEST_CASE("TGI gives completions an empty reason until the end and usage where it is asked for") {
  const std::string bytes =
      whole_stream(openai_completions::wire_format(),
                   {.usage = UsagePlacement::finish, .dialect = Dialect::tgi, .stamp = true});
  const auto parsed = payloads(bytes);
  REQUIRE(parsed.size() == 3);
  CHECK(json::parse(parsed[0])["choices"][0]["finish_reason"] == "");
  CHECK(json::parse(parsed[1])["choices"][0]["finish_reason"] == "eos_token");
  CHECK(json::parse(parsed[1])["usage"]["completion_tokens"] == 2);
  CHECK(stamps(bytes).size() == 1);
}

TEST_CASE("a completion that is not streamed is one text with its reasoning first") {
  const json whole =
      json::parse(whole_body(openai_completions::wire_format(), FinishReason::length));
  CHECK(whole["object"] == "text_completion");
  CHECK(whole["choices"][0]["text"] == " why yes");
  CHECK(whole["choices"][0]["finish_reason"] == "length");
  CHECK(whole["usage"]["total_tokens"] == 9);
  CHECK(!whole["usage"].contains("completion_tokens_details"));
}

TEST_CASE("what goes wrong with a completion goes wrong as with a chat") {
  CHECK(json::parse(
            payloads(error_in_stream(openai_completions::wire_format(), ErrorKind::overloaded))
                .at(0))["error"]["type"] == "overloaded_error");
  const std::string bad =
      rendered(openai_completions::wire_format(), [](Renderer& r, Frames& f) { r.malformed(f); });
  CHECK(!json::accept(payloads(bad).at(0)));
  CHECK(rendered(openai_completions::wire_format(), [](Renderer& r, Frames& f) { r.comment(f); }) ==
        ": keep-alive\n\n");
  CHECK(rendered(openai_completions::wire_format(), [](Renderer& r, Frames& f) {
          r.unfinished(f);
        }).ends_with(R"("text":")"));
}

}  // namespace inferometer::sim::openai_completions_test
