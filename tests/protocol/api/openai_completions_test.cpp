#include "protocol/api/apis.hpp"
#include "protocol/decode.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace inferometer::protocol::openai_completions_test {
using nlohmann::json;

namespace {

Generation generation() {
  Generation asked;
  asked.model = "meta/llama";
  asked.prompt = "Once upon";
  asked.max_output_tokens = 3;
  asked.max_tokens_parameter = "max_completion_tokens";
  return asked;
}

Texts decode(std::string_view stream) {
  return decode(openai_completions::make_stream_decoder, stream);
}

Texts decode_body(std::string_view body) {
  return decode(openai_completions::make_body_decoder, body);
}

}  // namespace

TEST_CASE("openai-completions: the request has exactly the members that are asked for") {
  const HttpRequest request = openai_completions::make_request(generation());
  CHECK(request.path == "/completions");
  CHECK(request.headers ==
        std::vector<Header>{{"Content-Type", "application/json"}, {"Accept", "text/event-stream"}});
  CHECK(json::parse(request.body) == json::parse(R"({
    "model": "meta/llama", "prompt": "Once upon", "stream": true,
    "stream_options": {"include_usage": true}, "max_tokens": 3})"));
}

TEST_CASE("openai-completions: the system prompt stands before the prompt") {
  Generation asked = generation();
  asked.system_prompt = "Be brief.";
  CHECK(json::parse(openai_completions::make_request(asked).body).at("prompt") ==
        "Be brief.\n\nOnce upon");
}

TEST_CASE("openai-completions: a request that is not streamed asks for no usage of the stream") {
  Generation asked = generation();
  asked.stream = false;
  asked.temperature = 0.5;
  asked.ignore_eos = true;
  const HttpRequest request = openai_completions::make_request(asked);
  CHECK(request.headers.back() == Header{"Accept", "application/json"});
  CHECK(json::parse(request.body) == json::parse(R"({
    "model": "meta/llama", "prompt": "Once upon", "stream": false, "max_tokens": 3,
    "ignore_eos": true, "min_tokens": 3, "temperature": 0.5})"));
}

TEST_CASE("openai-completions: the stream of each vendor gives its events however it is cut") {
  check_however_cut_and_ended(
      openai_completions::make_stream_decoder, read_stream("openai_completions.sse"),
      {"-", "content=Hel", "content=lo finish=length", "usage=5/-/2/-", "done"});
  check_however_cut_and_ended(openai_completions::make_stream_decoder,
                              read_stream("tgi_completions.sse"),
                              {"content=Hel", "content=lo", "finish=stop usage=7/-/3/-", "done"});
}

TEST_CASE("openai-completions: an answer that is not streamed is one event") {
  CHECK(
      decode_body(R"({"id":"cmpl-1","object":"text_completion","choices":[{"text":"Hi","index":0,)"
                  R"("logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":5,)"
                  R"("completion_tokens":1,"total_tokens":6}})") ==
      Texts{"content=Hi finish=stop usage=5/-/1/- done"});
  CHECK(decode_body(R"({"error":{"message":"boom","code":null}})") ==
        Texts{"stream_error: error in the stream: boom"});
}

TEST_CASE("openai-completions: empty and wrong members are no text and no error") {
  CHECK(decode(frame("{}") + frame(R"({"choices":null})") + frame(R"({"choices":[null,1,[]]})") +
               frame(R"({"choices":[{"text":null,"finish_reason":""}],"usage":[]})") +
               frame(R"({"choices":[{"text":["x"],"finish_reason":7}],"usage":3})") +
               frame("other", "not json")) == Texts(6, "-"));
}

TEST_CASE("openai-completions: an error in the stream has the class that it names") {
  CHECK(decode(frame(R"({"choices":[{"text":"Hi"}]})") +
               frame(R"({"error":"boom","error_type":"overloaded"})") + k_done) ==
        Texts{"content=Hi", "overloaded: error in the stream: boom"});
  CHECK(decode(frame(R"({"error":{"message":"boom","code":429}})")) ==
        Texts{"rate_limited: error in the stream: boom"});
  CHECK(decode(frame(R"({"choices":[)") + k_done) ==
        Texts{"protocol_error: an event is not a JSON object in valid UTF-8"});
}

}  // namespace inferometer::protocol::openai_completions_test
