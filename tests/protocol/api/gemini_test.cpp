#include "protocol/api/apis.hpp"
#include "protocol/decode.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace inferometer::protocol::gemini_test {
using namespace std::string_literals;
using nlohmann::json;

namespace {

Generation generation() {
  Generation asked;
  asked.model = "gemini-2.5-flash";
  asked.prompt = "Hi";
  asked.max_output_tokens = 64;
  asked.max_tokens_parameter = "max_completion_tokens";
  return asked;
}

Texts decode(std::string_view stream) {
  return decode(gemini::make_stream_decoder, stream);
}

Texts decode_body(std::string_view body) {
  return decode(gemini::make_body_decoder, body);
}

void check_stream(const std::string& file_name, const Texts& expected) {
  CAPTURE(file_name);
  check_however_cut_and_ended(gemini::make_stream_decoder, read_stream(file_name), expected);
}

std::string parts(std::string_view parts, std::string_view more = "") {
  return frame(R"({"candidates": [{"content": {"parts": [)" + std::string(parts) + "]}" +
               std::string(more) + "}]}");
}

std::string usage(std::string_view members) {
  return frame(R"({"usageMetadata":{)" + std::string(members) + "}}");
}

const std::string k_not_json = "protocol_error: an event is not a JSON object in valid UTF-8";

}  // namespace

TEST_CASE("gemini: the request has exactly the members that are asked for") {
  const HttpRequest request = gemini::make_request(generation());
  CHECK(request.path == "/models/gemini-2.5-flash:streamGenerateContent?alt=sse");
  CHECK(request.headers ==
        std::vector<Header>{{"Content-Type", "application/json"}, {"Accept", "text/event-stream"}});
  CHECK(json::parse(request.body) == json::parse(R"({
    "contents": [{"role": "user", "parts": [{"text": "Hi"}]}],
    "generationConfig": {"maxOutputTokens": 64}})"));
}

TEST_CASE("gemini: a request that is not streamed goes to another method") {
  Generation asked = generation();
  asked.model = "a/b:c d";
  asked.stream = false;
  asked.system_prompt = "Be brief.";
  asked.temperature = 0.0;
  const HttpRequest request = gemini::make_request(asked);
  CHECK(request.path == "/models/a%2Fb%3Ac%20d:generateContent");
  CHECK(json::parse(request.body) == json::parse(R"({
    "contents": [{"role": "user", "parts": [{"text": "Hi"}]}],
    "systemInstruction": {"parts": [{"text": "Be brief."}]},
    "generationConfig": {"maxOutputTokens": 64, "temperature": 0.0}})"));
}

TEST_CASE("gemini: a stream gives its events however it is cut") {
  check_stream("gemini.sse",
               {"reasoning=Let me see. usage=12/-/30/30", "content=Hello usage=12/-/31/30",
                "content= there. finish=stop usage=12/5/34/30"});
  check_stream("vertex.sse", {"content=Hello", "finish=length usage=3/-/2/-"});
  check_stream("gemini_blocked.sse", {"finish=content_filter usage=7/-/-/-"});
  check_stream(
      "gemini_error.sse",
      {"content=Hello usage=2/-/1/-",
       "overloaded: error in the stream: The model is overloaded: \"try\" {again} later."});
}

TEST_CASE("gemini: thoughts are reasoning and calls are content and other parts are neither") {
  CHECK(decode(parts(R"({"text": "Hi"},{"text": " you","thought": false})") +
               parts(R"({"text": "Hm","thought": true})") +
               parts(R"({"text": "Hm","thought": true},{"text": "Hi"})") +
               parts(R"({"text": "odd","thought": "true"})") +
               parts(R"({"thoughtSignature": "Eq=="},{"inlineData": {"data": "x"}})")) ==
        Texts{"content=Hi you", "reasoning=Hm", "content=Hi reasoning=Hm", "content=odd", "-"});
  CHECK(decode(parts(R"({"functionCall": {"name": "f","args": {"city": "Bern"}}})") +
               parts(R"({"functionCall": {"name": "f"}})")) ==
        Texts{R"(content={"city":"Bern"})", "content={}"});
}

TEST_CASE("gemini: finish reasons are normalised") {
  const auto finish = [](std::string_view reason) {
    return decode(parts("", R"(,"finishReason": ")" + std::string(reason) + '"'));
  };
  CHECK(finish("STOP") == Texts{"finish=stop"});
  CHECK(finish("MAX_TOKENS") == Texts{"finish=length"});
  for (const std::string_view reason :
       {"SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY",
        "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION", "IMAGE_OTHER"}) {
    CAPTURE(reason);
    CHECK(finish(reason) == Texts{"finish=content_filter"});
  }
  for (const std::string_view reason :
       {"LANGUAGE", "OTHER", "MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL",
        "TOO_MANY_TOOL_CALLS", "NO_IMAGE", "BRAND_NEW"}) {
    CAPTURE(reason);
    CHECK(finish(reason) == Texts{"finish=error"});
  }
  CHECK(finish("") == Texts{"-"});
  CHECK(finish("FINISH_REASON_UNSPECIFIED") == Texts{"-"});
}

TEST_CASE("gemini: an answer that called a tool stopped for it") {
  CHECK(decode(parts(R"({"functionCall": {"args": {}}})") +
               parts("", R"(,"finishReason": "STOP")")) ==
        Texts{"content={}", "finish=tool_calls"});
  CHECK(decode(parts(R"({"functionCall": {"args": {}}})", R"(,"finishReason": "MAX_TOKENS")")) ==
        Texts{"content={} finish=length"});
}

TEST_CASE("gemini: a prompt that was blocked is filtered and one that was only rated is not") {
  for (const std::string_view reason : {"SAFETY", "OTHER", "MODEL_ARMOR", "JAILBREAK"}) {
    CHECK(decode(frame(R"({"promptFeedback": {"blockReason": ")" + std::string(reason) + "\"}}")) ==
          Texts{"finish=content_filter"});
  }
  CHECK(decode(frame(R"({"promptFeedback": {"safetyRatings": []}})") +
               frame(R"({"promptFeedback": 7})")) == Texts(2, "-"));
}

TEST_CASE("gemini: the output counts thoughts and the input counts the use of tools") {
  CHECK(decode(usage(R"("promptTokenCount":8,"candidatesTokenCount":2,"thoughtsTokenCount":5,)"
                     R"("toolUsePromptTokenCount":3,"cachedContentTokenCount":4)")) ==
        Texts{"usage=11/4/7/5"});
  CHECK(decode(usage(R"("trafficType":"ON_DEMAND")") + usage("") +
               frame(R"({"usageMetadata":7})")) == Texts(3, "-"));
  CHECK(decode(usage(R"("promptTokenCount":-8,"candidatesTokenCount":"2")")) == Texts{"-"});
}

TEST_CASE("gemini: raw JSON between the events is an error however it is written and cut") {
  const std::string text = parts(R"({"text": "Hi"})");
  const std::string error =
      R"({"error": {"code": 429, "message": "b{o[o\"m", "status": "RESOURCE_EXHAUSTED"}})";
  const Texts expected{"content=Hi", "rate_limited: error in the stream: b{o[o\"m"};
  const std::string pretty = json::parse(error).dump(2);
  for (const std::string& raw :
       {error, "[" + error + "]", pretty, "[" + pretty + "]", "[" + pretty + "\n]",
        "[\n\n" + pretty + "\n]", "data: " + error, "data: [" + error + "]"}) {
    CAPTURE(raw);
    check_however_cut_and_ended(gemini::make_stream_decoder, text + raw, expected);
    std::string and_more = text;
    and_more.append(raw).append("\n\n").append(text);
    check_however_cut_and_ended(gemini::make_stream_decoder, and_more, expected);
  }
  // The empty line behind the event before it may be missing too.
  CHECK(decode(text.substr(0, text.size() - 1) + pretty + "\n") == expected);
}

TEST_CASE(
    "gemini: raw JSON that does not end is bounded and what is no error breaks the protocol") {
  const std::string text = parts(R"({"text": "Hi"})");
  CHECK(decode(text + "{\n\"a\": 1\n" + text) == Texts{"content=Hi", k_not_json});
  CHECK(decode(text + "{\"a\": 1}}\n") == Texts{"content=Hi", k_not_json});
  CHECK(decode(text + "[1, 2]\n") == Texts{"content=Hi", k_not_json});
  CHECK(decode(text + "{\n\"error\": {\n") == Texts{"content=Hi"});
  std::string endless = "{\n";
  while (endless.size() <= 4UL * 1024 * 1024) {
    endless += "\"member\": \"0123456789012345678901234567890123456789\",\n";
  }
  CHECK(decode(text + endless + text) ==
        Texts{"content=Hi", "protocol_error: an event of more than 4 MiB"});
}

TEST_CASE("gemini: members of a wrong type are no text and no error") {
  CHECK(decode(frame("{}") + frame(R"({"candidates": {}})") +
               frame(R"({"candidates": [null, 7, {"content": 7}, {"content": {"parts": "x"}}]})") +
               parts(R"(null, 7, {"text": 7}, {"functionCall": null})") +
               parts("", R"(,"finishReason": 7)")) == Texts(5, "-"));
}

TEST_CASE("gemini: arguments that nest deeply are read without harm") {
  const std::string nested = std::string(90'000, '[') + std::string(90'000, ']');
  CHECK(decode(parts(R"({"functionCall": {"args": )" + nested + "}}")) == Texts{"-"});
}

TEST_CASE("gemini: an answer that is not streamed is one event") {
  CHECK(decode_body(R"({"candidates": [{"content": {"parts": [{"text": "Hm", "thought": true},)"
                    R"({"text": "Hi"}], "role": "model"}, "finishReason": "STOP"}],)"
                    R"("usageMetadata": {"promptTokenCount": 2, "candidatesTokenCount": 1}})") ==
        Texts{"content=Hi reasoning=Hm finish=stop usage=2/-/1/- done"});
  for (const std::string& body :
       {R"({"error": {"code": 503, "message": "boom", "status": "UNAVAILABLE"}})"s,
        R"([{"error": {"code": 503, "message": "boom", "status": "UNAVAILABLE"}}])"s}) {
    CHECK(decode_body(body) == Texts{"overloaded: error in the stream: boom"});
  }
}

}  // namespace inferometer::protocol::gemini_test
