#include "sim/api/format_driver.hpp"
#include "sim/api/wire_format.hpp"
#include "sim/sim_client.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace inferometer::sim::gemini_test {
using namespace inferometer::sim::testing;
using nlohmann::json;

namespace {

constexpr std::string_view k_stream = "/v1beta/models/gemini-x:streamGenerateContent?alt=sse";
constexpr std::string_view k_whole_path = "/v1beta/models/gemini-x:generateContent";

http::Request with(std::string_view more, std::string_view target = k_stream) {
  return post_to(
      target, R"({"contents":[{"role":"user","parts":[{"text":"hi"}]}])" + std::string(more) + "}");
}

std::string refusal(std::string_view body) {
  return refusal_of(post_to(k_stream, body));
}

json error(const ApiError& error) {
  return json::parse(gemini::wire_format().render_error(error).body)["error"];
}

}  // namespace

TEST_CASE("the path of Gemini names the model and whether the answer is streamed") {
  const Ask ask = ask_of(with(R"(,"generationConfig":{"maxOutputTokens":9})")).value();
  CHECK(ask.model == "gemini-x");
  CHECK(ask.stream);
  CHECK(ask.max_tokens == 9U);
  CHECK(!ask.include_reasoning);
  CHECK(!ask_of(with("", k_whole_path)).value().stream);
  const Ask vertex =
      ask_of(with("", "/v1/projects/p/locations/l/publishers/google/models/a%2Fb:generateContent"))
          .value();
  CHECK(vertex.model == "a/b");
}

TEST_CASE("the prompt of Gemini is the instruction and all parts") {
  const Ask ask = ask_of(with(R"(,"systemInstruction":{"parts":[{"text":"be brief. "}]},
        "generationConfig":{"thinkingConfig":{"includeThoughts":true}})"))
                      .value();
  CHECK(ask.prompt == "be brief. hi");
  CHECK(ask.include_reasoning);
}

TEST_CASE("the names of protocol buffers are understood too") {
  const Ask ask = ask_of(with(R"(,"system_instruction":{"parts":[{"text":"be brief. "}]},
        "generation_config":{"max_output_tokens":9,"thinking_config":{"include_thoughts":true}})"))
                      .value();
  CHECK(ask.prompt == "be brief. hi");
  CHECK(ask.max_tokens == 9U);
  CHECK(ask.include_reasoning);
}

TEST_CASE("a request that Gemini would refuse is refused") {
  CHECK(refusal("{").find("JSON") != std::string::npos);
  CHECK(refusal("{}").find("contents is not specified") != std::string::npos);
  CHECK(refusal(R"({"contents":[]})").find("contents is not specified") != std::string::npos);
  CHECK(refusal(R"({"contents":[{"parts":[]}]})").find("contents[0].parts") != std::string::npos);
  CHECK(refusal(R"({"contents":[1]})").find("contents[0].parts") != std::string::npos);
  CHECK(refusal(R"({"contents":[{"parts":["x"]}]})").find("parts") != std::string::npos);
  CHECK(refusal(R"({"contents":[{"role":"assistant","parts":[{"text":"x"}]}]})") ==
        "Please use a valid role: user, model.");
  CHECK(refusal_of(with(R"(,"stream":true)")) ==
        "Invalid JSON payload received. Unknown name \"stream\": Cannot find field.");
  CHECK(refusal_of(with(R"(,"generationConfig":1)")).find("`generationConfig`") == 0);
  CHECK(refusal_of(with(R"(,"generationConfig":{"maxOutputTokens":"9"})"))
            .find("`maxOutputTokens`") == 0);
  CHECK(refusal_of(with(R"(,"generationConfig":{"thinkingConfig":[]})")).find("`thinkingConfig`") ==
        0);
  CHECK(refusal_of(with(R"(,"systemInstruction":"x")")).find("systemInstruction") !=
        std::string::npos);
}

TEST_CASE("a stream of Gemini must be asked for as events") {
  const auto reason = [](std::string_view query) {
    return refusal_of(with("", "/v1beta/models/g:streamGenerateContent" + std::string(query)));
  };
  CHECK(reason("").find("alt=sse") != std::string::npos);
  CHECK(reason("?alt=json").find("alt=sse") != std::string::npos);
  CHECK(reason("?alt=sse").empty());
  CHECK(reason("?key=k&alt=sse").empty());
}

TEST_CASE("a stream of Gemini is chunks with usage and nothing at its end") {
  Ask ask = streamed_ask();
  CHECK(
      whole_stream(gemini::wire_format(), {.reasoning_tokens = 1}, ask) ==
      "data: "
      R"({"candidates": [{"content": {"parts": [{"text": " why","thought": true}],"role": "model"},"index": 0}],"usageMetadata": {"promptTokenCount": 7,"cachedContentTokenCount": 3,"thoughtsTokenCount": 1,"totalTokenCount": 8},"modelVersion": "m \"q\"","responseId": "0000000000000abc"})"
      "\r\n\r\ndata: "
      R"({"candidates": [{"content": {"parts": [{"text": " yes"}],"role": "model"},"index": 0}],"usageMetadata": {"promptTokenCount": 7,"candidatesTokenCount": 1,"cachedContentTokenCount": 3,"thoughtsTokenCount": 1,"totalTokenCount": 9},"modelVersion": "m \"q\"","responseId": "0000000000000abc"})"
      "\r\n\r\ndata: "
      R"({"candidates": [{"content": {"parts": [{"text": ""}],"role": "model"},"finishReason": "STOP","index": 0}],"usageMetadata": {"promptTokenCount": 7,"candidatesTokenCount": 1,"cachedContentTokenCount": 3,"thoughtsTokenCount": 1,"totalTokenCount": 9},"modelVersion": "m \"q\"","responseId": "0000000000000abc"})"
      "\r\n\r\n");
}

TEST_CASE("the lines of Gemini end as asked and a text can be stamped") {
  const std::string bytes =
      whole_stream(gemini::wire_format(), {.line_ending = LineEnding::lf, .stamp = true});
  CHECK(count(bytes, "\r") == 0);
  CHECK(stamps(bytes).size() == 1);
  for (const std::string& payload : payloads(bytes)) {
    CHECK(json::accept(payload));
  }
}

TEST_CASE("thoughts are counted but not shown to those who did not ask") {
  Ask ask = streamed_ask();
  ask.include_reasoning = false;
  const std::string bytes = whole_stream(gemini::wire_format(), {.reasoning_tokens = 1}, ask);
  CHECK(count(bytes, R"("thought")") == 0);
  CHECK(count(bytes, R"("thoughtsTokenCount": 1)") == 2);
  CHECK(count(whole_body(gemini::wire_format(), FinishReason::stop, " why", ask), R"("thought")") ==
        0);
}

TEST_CASE("an answer of Gemini that is not streamed is one object") {
  const json whole = json::parse(whole_body(gemini::wire_format(), FinishReason::length));
  const json& candidate = whole["candidates"][0];
  CHECK(candidate["content"]["parts"] ==
        json::array({{{"text", " why"}, {"thought", true}}, {{"text", " yes"}}}));
  CHECK(candidate["finishReason"] == "MAX_TOKENS");
  CHECK(whole["usageMetadata"]["candidatesTokenCount"] == 1);
  CHECK(json::parse(whole_body(gemini::wire_format(),
                               FinishReason::content_filter))["candidates"][0]["finishReason"] ==
        "SAFETY");
}

TEST_CASE("errors of Gemini have the status of their code") {
  const auto check = [](ErrorKind kind, int code, std::string_view status) {
    CHECK(gemini::wire_format().render_error({.kind = kind}).status == code);
    CHECK(error({.kind = kind})["code"] == code);
    CHECK(error({.kind = kind})["status"] == status);
    CHECK(!error({.kind = kind})["message"].get<std::string>().empty());
  };
  check(ErrorKind::invalid_request, 400, "INVALID_ARGUMENT");
  check(ErrorKind::authentication, 400, "INVALID_ARGUMENT");
  check(ErrorKind::permission, 403, "PERMISSION_DENIED");
  check(ErrorKind::not_found, 404, "NOT_FOUND");
  check(ErrorKind::rate_limit, 429, "RESOURCE_EXHAUSTED");
  check(ErrorKind::quota, 429, "RESOURCE_EXHAUSTED");
  check(ErrorKind::context_length, 400, "INVALID_ARGUMENT");
  check(ErrorKind::server_error, 500, "INTERNAL");
  check(ErrorKind::overloaded, 503, "UNAVAILABLE");
  const json unauthenticated = error({.kind = ErrorKind::authentication, .status = 401});
  CHECK(unauthenticated["code"] == 401);
  CHECK(unauthenticated["status"] == "UNAUTHENTICATED");
}

TEST_CASE("errors of Gemini are told apart by their details and texts") {
  CHECK(error({.kind = ErrorKind::authentication})["details"][0]["reason"] == "API_KEY_INVALID");
  CHECK(error({.kind = ErrorKind::rate_limit})["details"][0]["retryDelay"] == "1.5s");
  const std::string quota =
      error({.kind = ErrorKind::quota})["details"][0]["violations"][0]["quotaId"];
  CHECK(quota.find("PerDay") != std::string::npos);
  CHECK(error({.kind = ErrorKind::context_length,
               .prompt_tokens = 5,
               .context_window = 4})["message"] ==
        "The input token count (5) exceeds the maximum number of tokens allowed (4).");
  CHECK(!error({.kind = ErrorKind::overloaded}).contains("details"));
}

TEST_CASE("an error within a stream of Gemini is bare JSON over several lines") {
  const std::string bytes = error_in_stream(gemini::wire_format(), ErrorKind::overloaded);
  CHECK(bytes.starts_with("{\r\n"));
  CHECK(bytes.ends_with("}\r\n"));
  CHECK(count(bytes, "data:") == 0);
  CHECK(json::parse(bytes)["error"]["status"] == "UNAVAILABLE");
}

TEST_CASE("what clients of Gemini must ignore is a blank line") {
  CHECK(rendered(gemini::wire_format(), [](Renderer& r, Frames& f) { r.comment(f); }) == "\r\n");
  const std::string bad =
      rendered(gemini::wire_format(), [](Renderer& r, Frames& f) { r.malformed(f); });
  REQUIRE(payloads(bad, "\r\n").size() == 1);
  CHECK(!json::accept(payloads(bad, "\r\n")[0]));
}

TEST_CASE("the models of Gemini have their prefix") {
  CHECK(json::parse(gemini::wire_format().render_models("gpt-4o"))["models"][0]["name"] ==
        "models/gpt-4o");
}

}  // namespace inferometer::sim::gemini_test
