#include "protocol/api/apis.hpp"
#include "protocol/decode.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace inferometer::protocol::ollama_test {
using nlohmann::json;

namespace {

constexpr MakeDecoder k_stream = ollama::make_stream_decoder;
constexpr MakeDecoder k_body = ollama::make_body_decoder;

/// One line of a stream whose message has these members.
std::string line(std::string_view message, std::string_view more = R"("done":false)") {
  return R"({"model":"llama3.2","created_at":"2025-01-01T00:00:00.1Z","message":{)" +
         std::string(message) + "}," + std::string(more) + "}\n";
}

std::string token(std::string_view text) {
  return line(R"("role":"assistant","content":")" + std::string(text) + '"');
}

/// The last line.
std::string end(std::string_view more) {
  return line(R"("role":"assistant","content":"")", R"("done":true,)" + std::string(more));
}

const std::string k_end = end(
    R"("done_reason":"stop","total_duration":1000000000,"load_duration":1,"prompt_eval_count":9,)"
    R"("prompt_eval_duration":1,"eval_count":2,"eval_duration":1)");

const std::string k_stop = "finish=stop usage=9/-/2/- done";

Generation generation() {
  return {.model = "llama3.2",
          .prompt = "Say \"hi\"",
          .max_output_tokens = 64,
          .temperature = std::nullopt,
          .max_tokens_parameter = "max_completion_tokens"};
}

}  // namespace

TEST_CASE("ollama: the request has exactly the members that are asked for") {
  const HttpRequest request = ollama::make_request(generation());
  CHECK(request.path == "/api/chat");
  CHECK(request.headers == std::vector<Header>{{"Content-Type", "application/json"},
                                               {"Accept", "application/x-ndjson"}});
  CHECK(json::parse(request.body) == json::parse(R"({
    "model": "llama3.2",
    "messages": [{"role": "user", "content": "Say \"hi\""}],
    "stream": true,
    "options": {"num_predict": 64}})"));
}

TEST_CASE("ollama: system prompt and temperature and no stream go where they belong") {
  Generation asked = generation();
  asked.system_prompt = "Be brief";
  asked.temperature = 0.5;
  asked.stream = false;
  const HttpRequest request = ollama::make_request(asked);
  CHECK(request.headers.back() == Header{"Accept", "application/json"});
  CHECK(json::parse(request.body) == json::parse(R"({
    "model": "llama3.2",
    "messages": [{"role": "system", "content": "Be brief"},
                 {"role": "user", "content": "Say \"hi\""}],
    "stream": false,
    "options": {"num_predict": 64, "temperature": 0.5}})"));
}

TEST_CASE("ollama: a prompt that is not UTF-8 still makes a request") {
  Generation asked = generation();
  asked.prompt = "a\xFFz";
  const json body = json::parse(ollama::make_request(asked).body);
  CHECK(body.at("messages").at(0).at("content") == "a\xEF\xBF\xBDz");
}

TEST_CASE("ollama: a stream is read however it is cut") {
  check_however_cut(k_stream, token("Hel") + token("lo \\u00e9") + k_end,
                    {"content=Hel", "content=lo \xC3\xA9", k_stop});
}

TEST_CASE("ollama: thinking is reasoning and the arguments of tools are content") {
  CHECK(decode(k_stream, line(R"("role":"assistant","content":"","thinking":"Hm")") +
                             line(R"("content":"","tool_calls":[{"function":{"name":"f",)"
                                  R"("arguments":{"city":"Bonn"}}},{"function":{"name":"g",)"
                                  R"("arguments":{}}}])") +
                             k_end) == Texts{"reasoning=Hm", R"(content={"city":"Bonn"}{})",
                                             "finish=tool_calls usage=9/-/2/- done"});
}

TEST_CASE("ollama: the last line ends the stream and what follows is nothing") {
  CHECK(decode(k_stream, token("a") + k_end + token("b") + "garbage\n") ==
        Texts{"content=a", k_stop});
  CHECK(decode(k_stream, line(R"("content":"a")", R"("done":true,"done_reason":"length")")) ==
        Texts{"content=a finish=length done"});
}

TEST_CASE("ollama: an end without a reason or counts is an end all the same") {
  CHECK(decode(k_stream, "{\"done\":true}\n") == Texts{"done"});
  CHECK(decode(k_stream, end(R"("done_reason":"load","eval_count":2)")) ==
        Texts{"finish=stop usage=-/-/2/- done"});
  CHECK(decode(k_stream, end(R"("done_reason":3,"eval_count":-2)")) == Texts{"done"});
}

TEST_CASE("ollama: members that are missing or of a wrong type are no text and no end") {
  CHECK(decode(k_stream,
               "{}\n{\"message\":null,\"done\":null}\n{\"message\":\"x\"}\n"
               "{\"done\":\"true\"}\n{\"done\":1}\n" +
                   line(R"("content":3,"thinking":{},"tool_calls":{})") +
                   line(R"("content":null,"tool_calls":[null,{},{"function":3},)"
                        R"({"function":{"arguments":null}}])")) == Texts(7, "-"));
}

TEST_CASE("ollama: an error line under status 200 is an error") {
  CHECK(decode(k_stream, token("a") + "{\"error\":\"an unknown runner error\"}\n" + k_end) ==
        Texts{"content=a", "stream_error: error in the stream: an unknown runner error"});
  CHECK(decode(k_stream, R"({"error":"the input length exceeds the context length"})") ==
        Texts{"context_length: error in the stream: the input length exceeds the context length"});
}

TEST_CASE("ollama: a line that is no JSON object is a protocol error") {
  const std::string broken = "protocol_error: an event is not a JSON object in valid UTF-8";
  CHECK(decode(k_stream, token("a") + "garbage\n" + k_end) == Texts{"content=a", broken});
  CHECK(decode(k_stream, "[1]\n") == Texts{broken});
  CHECK(decode(k_stream, "\"x\"\n" + k_end) == Texts{broken});
  CHECK(decode(k_stream, "{\"message\":{\"content\":\"\xFF\"}}\n") == Texts{broken});
}

TEST_CASE("ollama: a line that the end of the body cut off is nothing") {
  CHECK(decode(k_stream, token("a") + token("b").substr(0, 20)) == Texts{"content=a"});
}

TEST_CASE("ollama: arguments that nest without end are not written out") {
  const std::string deep = std::string(50'000, '[') + std::string(50'000, ']');
  CHECK(decode(k_stream, line(R"("tool_calls":[{"function":{"arguments":)" + deep + "}}]")) ==
        Texts{"-"});
}

TEST_CASE("ollama: an answer that is not streamed is one event") {
  CHECK(decode(k_body,
               line(R"("role":"assistant","content":"Hello","thinking":"Hm")",
                    R"("done":true,"done_reason":"stop","prompt_eval_count":9,"eval_count":2)")) ==
        Texts{"content=Hello reasoning=Hm finish=stop usage=9/-/2/- done"});
  CHECK(decode(k_body, R"({"error":"model requires more system memory"})") ==
        Texts{"stream_error: error in the stream: model requires more system memory"});
}

}  // namespace inferometer::protocol::ollama_test
