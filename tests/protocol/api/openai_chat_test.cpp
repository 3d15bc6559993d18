#include "protocol/api/apis.hpp"
#include "protocol/decode.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace inferometer::protocol::openai_chat_test {
using namespace std::string_literals;
using nlohmann::json;

namespace {

Generation generation() {
  return {.model = "gpt-4o",
          .prompt = "Say \"hi\"\n",
          .max_output_tokens = 64,
          .temperature = std::nullopt,
          .max_tokens_parameter = "max_completion_tokens"};
}

Texts decode(const std::vector<std::string_view>& pieces) {
  return decode(openai_chat::make_stream_decoder, pieces);
}

Texts decode(std::string_view stream) {
  return decode(std::vector{stream});
}

void check_however_cut(std::string_view stream, const Texts& expected) {
  check_however_cut(openai_chat::make_stream_decoder, stream, expected);
}

/// A frame with one choice that has this delta, and maybe more members behind the choices.
std::string delta(std::string_view members, std::string_view more = "") {
  return frame(R"({"choices":[{"index":0,"delta":{)" + std::string(members) + "}}]" +
               std::string(more) + "}");
}

std::string usage(std::string_view members) {
  return frame(R"({"choices":[],"usage":{)" + std::string(members) + "}}");
}

const std::string k_not_json = "protocol_error: an event is not a JSON object in valid UTF-8";

}  // namespace

TEST_CASE("openai-chat: the request has exactly the members that are asked for") {
  const HttpRequest request = openai_chat::make_request(generation());
  CHECK(request.path == "/chat/completions");
  CHECK(request.headers ==
        std::vector<Header>{{"Content-Type", "application/json"}, {"Accept", "text/event-stream"}});
  CHECK(json::parse(request.body) == json::parse(R"({
    "model": "gpt-4o",
    "messages": [{"role": "user", "content": "Say \"hi\"\n"}],
    "stream": true,
    "stream_options": {"include_usage": true},
    "max_completion_tokens": 64})"));
}

TEST_CASE("openai-chat: the request names the bound on tokens and the temperature as configured") {
  Generation asked = generation();
  asked.max_tokens_parameter = "max_tokens";
  asked.temperature = 0.0;
  const json body = json::parse(openai_chat::make_request(asked).body);
  CHECK(body.at("max_tokens") == 64);
  CHECK_FALSE(body.contains("max_completion_tokens"));
  CHECK(body.at("temperature") == 0.0);
  CHECK(body.size() == 6);
}

TEST_CASE("openai-chat: a prompt that is not UTF-8 still makes a request") {
  Generation asked = generation();
  asked.prompt = "a\xFFz";
  const json body = json::parse(openai_chat::make_request(asked).body);
  CHECK(body.at("messages").at(0).at("content") == "a\xEF\xBF\xBDz");
}

TEST_CASE("openai-chat: empty and null and missing members are no text") {
  CHECK(decode(delta("") + delta(R"("content":"")") + delta(R"("content":null)") +
               delta(R"("role":"assistant","content":"","refusal":null,"tool_calls":null,)"
                     R"("function_call":null,"reasoning":null,"reasoning_content":"")") +
               frame(R"({"choices":[]})") + frame(R"({"choices":null,"usage":null})") +
               frame(R"({"choices":[{"delta":null,"finish_reason":null}]})") +
               frame(R"({"choices":[null,{}]})") + frame("{}")) == Texts(9, "-"));
}

TEST_CASE("openai-chat: members of a wrong type are no text and no error") {
  CHECK(decode(frame(R"({"choices":{},"usage":[],"x_groq":"x"})") +
               frame(R"({"choices":[1,"x",[]],"usage":3,"x_groq":{"usage":"x"}})") +
               frame(R"({"choices":[{"delta":"x","finish_reason":3}]})") +
               delta(R"("content":3,"reasoning":["x"],"refusal":{},"tool_calls":"x")") +
               delta(R"("tool_calls":[null,1,{"function":"x"},{"function":{"arguments":1}}])")) ==
        Texts(5, "-"));
}

TEST_CASE("openai-chat: text counts wherever a choice holds it") {
  CHECK(decode(delta(R"("role":"assistant","content":"Hi")")) == Texts{"content=Hi"});
  CHECK(decode(frame(R"({"choices":[{"index":0,"delta":{"content":"a"}},)"
                     R"({"index":1,"delta":{"content":"b"}}]})")) == Texts{"content=ab"});
  CHECK(decode(delta(R"("content":"a\u00e9\ud83d\ude00")")) ==
        Texts{"content=a\xC3\xA9\xF0\x9F\x98\x80"});
}

TEST_CASE("openai-chat: reasoning under either name counts once") {
  CHECK(decode(delta(R"("reasoning":"Hm")") + delta(R"("reasoning_content":"Hm")") +
               delta(R"("reasoning":"Hm","reasoning_content":"Hm")") +
               delta(R"("reasoning":"Hm","reasoning_content":"")")) == Texts(4, "reasoning=Hm"));
  CHECK(decode(delta(R"("content":"Hi","reasoning":"Hm")")) == Texts{"content=Hi reasoning=Hm"});
}

TEST_CASE("openai-chat: a refusal is text that declines") {
  CHECK(decode(delta(R"("refusal":"I can")") + delta(R"("refusal":"not")") +
               delta(R"("refusal":"")")) ==
        Texts{"content=I can refusal", "content=not refusal", "-"});
}

TEST_CASE("openai-chat: the arguments of tool calls are text and their names are not") {
  CHECK(decode(delta(R"("role":"assistant","content":null,"tool_calls":[{"index":0,"id":"call_1",)"
                     R"("type":"function","function":{"name":"f","arguments":""}}])") +
               delta(R"("tool_calls":[{"index":0,"function":{"arguments":"{\"a\""}}])") +
               delta(R"("tool_calls":[{"index":0,"function":{"arguments":":1}"}},)"
                     R"({"index":1,"function":{"arguments":"{}"}}])") +
               delta(R"("function_call":{"name":"f","arguments":"[]"})")) ==
        Texts{"-", R"(content={"a")", "content=:1}{}", "content=[]"});
}

TEST_CASE("openai-chat: finish reasons are normalised and an empty one is none") {
  const auto finish = [](std::string_view reason) {
    return decode(
        frame(R"({"choices":[{"delta":{},"finish_reason":)" + std::string(reason) + "}]}"));
  };
  for (const auto* reason : {"stop", "eos", "eos_token", "stop_sequence", "repetition"}) {
    CHECK(finish('"' + std::string(reason) + '"') == Texts{"finish=stop"});
  }
  CHECK(finish(R"("length")") == Texts{"finish=length"});
  CHECK(finish(R"("tool_calls")") == Texts{"finish=tool_calls"});
  CHECK(finish(R"("function_call")") == Texts{"finish=tool_calls"});
  CHECK(finish(R"("content_filter")") == Texts{"finish=content_filter"});
  for (const auto* reason : {"error", "abort", "aborted", "insufficient_system_resource"}) {
    CHECK(finish('"' + std::string(reason) + '"') == Texts{"finish=error"});
  }
  CHECK(finish(R"("")") == Texts{"-"});
  CHECK(finish("null") == Texts{"-"});
}

TEST_CASE("openai-chat: the end mark may have spaces behind it and nothing counts after it") {
  check_however_cut(delta(R"("content":"Hi")") + "data: [DONE]  \n\n" +
                        delta(R"("content":"more")") + "data: {broken\n\n" + k_done,
                    {"content=Hi", "done"});
  check_however_cut("data:[DONE]\r\n\r\n", {"done"});
  check_however_cut("data: [DONE]", {"done"});
}

TEST_CASE("openai-chat: a stream without an end mark gives none") {
  check_however_cut(delta(R"("content":"Hi")"), {"content=Hi"});
  CHECK(decode("").empty());
}

TEST_CASE("openai-chat: an unfinished last event counts if it is whole") {
  const std::string text = delta(R"("content":"Hi")");
  CHECK(decode(text + "data: {\"choices\":[{\"delta\":{\"content\":\"you\"}}]}") ==
        Texts{"content=Hi", "content=you"});
}

TEST_CASE("openai-chat: a last event that was cut off is dropped") {
  const std::string text = delta(R"("content":"Hi")");
  const std::string next = "data: {\"choices\":[{\"delta\":{\"content\":\"you\"}}]}";
  for (std::size_t length = 0; length < next.size(); ++length) {
    CAPTURE(length);
    const std::string cut = next.substr(0, length);
    const bool is_empty_data = cut.starts_with("data") && cut.find('{') == std::string::npos;
    CHECK(decode(text + cut) == (is_empty_data ? Texts{"content=Hi", "-"} : Texts{"content=Hi"}));
  }
  CHECK(decode(text + "data: [DON") == Texts{"content=Hi"});
}

TEST_CASE("openai-chat: data that is no JSON object breaks the protocol and ends the stream") {
  for (const std::string& data :
       {"{\"choices\":"s, "hello"s, "[]"s, "\"text\""s, "1"s, "null"s, "{} {}"s, "{\"a\":1,}"s,
        "{'a':1}"s, "{\"a\":NaN}"s, "{\"a\":\"\xFF\"}"s, "{\"a\":\"\xC3\"}"s,
        "{\"\xED\xA0\x80\":1}"s, "{\"a\":\"\x01\"}"s, "{\"a\":\"\\ud800\"}"s, "\xEF\xBB{}"s,
        "{\"a\":\0 1}"s}) {
    CAPTURE(data);
    check_however_cut(delta(R"("content":"Hi")") + frame(data) + delta(R"("content":"x")") + k_done,
                      {"content=Hi", k_not_json});
  }
}

TEST_CASE("openai-chat: data without anything in it is an event without text") {
  CHECK(decode("data\n\ndata:   \n\ndata:\ndata: \t\n\n") == Texts(3, "-"));
}

TEST_CASE("openai-chat: JSON over several data lines is one event") {
  check_however_cut("data: {\"choices\":\ndata: [{\"delta\":{\"content\":\ndata: \"Hi\"}}]}\n\n",
                    {"content=Hi"});
}

TEST_CASE("openai-chat: named events other than message and error are no content") {
  CHECK(decode("event: sglext_ids\n" + delta(R"("content":"no")") + "event: message\n" +
               delta(R"("content":"Hi")") + "event: x\ndata: not json\n\n") ==
        Texts{"-", "content=Hi", "-"});
}

TEST_CASE("openai-chat: an error in the stream ends it in whatever form it comes") {
  const std::string expected = "stream_error: error in the stream: boom";
  for (const std::string& error :
       {frame(R"({"error":{"message":"boom"}})"), frame(R"({"error":"boom"})"),
        frame(R"({"choices":[],"error":{"message":"boom","code":null}})"),
        frame(R"({"type":"error","error":{"type":"x","message":"boom"}})"),
        frame(R"({"object":"error","message":"boom","code":500})"),
        frame(R"({"x_groq":{"id":"req_1","error":"boom"},"choices":[]})"),
        "event: error\n" + frame(R"({"error":{"message":"boom"}})"),
        "event: error\n" + frame(R"({"message":"boom","code":500})"),
        "event: error\n" + frame("boom"),
        R"(error: {"message":"boom","code":500})"
        "\n\n"s,
        frame(R"([{"error":{"message":"boom"}}])"), frame(R"({"error":true,"message":"boom"})"),
        frame(R"({"error":["x"],"message":"boom"})"),
        R"({"error":{"message":"boom"}})"s + "\n\n"}) {
    CAPTURE(error);
    std::string stream = delta(R"("content":"Hi")");
    stream.append(error).append(delta(R"("content":"x")")).append(k_done);
    check_however_cut(stream, {"content=Hi", expected});
  }
}

TEST_CASE("openai-chat: an error member that is empty is no error") {
  CHECK(decode(delta(R"("content":"Hi")", R"(,"error":null)") +
               delta(R"("content":"Hi")", R"(,"error":"")") +
               delta(R"("content":"Hi")", R"(,"error":{})") +
               delta(R"("content":"Hi")", R"(,"error":[])") +
               delta(R"("content":"Hi")", R"(,"error":false)") +
               delta(R"("content":"Hi")", R"(,"error":0)") +
               delta(R"("content":"Hi")", R"(,"x_groq":{"error":null})")) ==
        Texts(7, "content=Hi"));
}

TEST_CASE("openai-chat: an error in the stream has the class that it names") {
  const auto outcome = [](std::string_view error) {
    const Texts events = decode(frame(R"({"error":)" + std::string(error) + "}"));
    REQUIRE(events.size() == 1);
    return events[0].substr(0, events[0].find(':'));
  };
  CHECK(outcome(R"({"message":"x","code":429})") == "rate_limited");
  CHECK(outcome(R"({"message":"x","code":"429"})") == "rate_limited");
  CHECK(outcome(R"({"message":"x","code":"rate_limit_exceeded"})") == "rate_limited");
  CHECK(outcome(R"({"message":"x","code":"insufficient_quota"})") == "quota_exhausted");
  CHECK(outcome(R"({"message":"x","code":402})") == "quota_exhausted");
  CHECK(outcome(R"({"message":"x","code":503})") == "overloaded");
  CHECK(outcome(R"({"message":"x","status_code":498})") == "overloaded");
  CHECK(outcome(R"({"message":"x","code":null,"type":"overloaded_error"})") == "overloaded");
  CHECK(outcome(R"({"message":"x","code":401})") == "auth_error");
  CHECK(outcome(R"({"message":"This model's maximum context length is 5 tokens"})") ==
        "context_length");
  CHECK(outcome(R"({"message":"x","code":"content_filter"})") == "content_filtered");
  CHECK(outcome(R"({"message":"x","code":400})") == "stream_error");
  CHECK(outcome(R"({"message":"x","code":500})") == "stream_error");
  CHECK(outcome(R"({"message":"x","code":99999})") == "stream_error");
  CHECK(outcome(R"("x","error_type":"overloaded")") == "overloaded");
  CHECK(outcome(R"("x","error_type":"generation")") == "stream_error");
  CHECK(outcome(R"("x","status_code":429)") == "rate_limited");
}

TEST_CASE("openai-chat: a finish reason that is an error stays one without an error object") {
  CHECK(decode(delta(R"("content":"Hi")") +
               frame(R"({"choices":[{"delta":{"content":""},"finish_reason":"error"}]})")) ==
        Texts{"content=Hi", "finish=error"});
}

TEST_CASE("openai-chat: an answer that is not streamed is one event") {
  const auto decode_body = [](std::string_view body) {
    return decode(openai_chat::make_body_decoder, body);
  };
  CHECK(
      decode_body(R"({"id":"x","choices":[{"index":0,"message":{"role":"assistant","content":"Hi",)"
                  R"("reasoning_content":"Hm","refusal":null},"finish_reason":"stop"}],)"
                  R"("usage":{"prompt_tokens":8,"completion_tokens":2,"total_tokens":10}})") ==
      Texts{"content=Hi reasoning=Hm finish=stop usage=8/-/2/- done"});
  CHECK(decode_body("\n\n {\"choices\":[]}") == Texts{"done"});  // DeepSeek's blank lines
  CHECK(decode_body(R"({"error":{"message":"boom","code":"429"},"choices":[]})") ==
        Texts{"rate_limited: error in the stream: boom"});
  CHECK(decode_body(R"([{"error":"boom"}])") == Texts{"stream_error: error in the stream: boom"});
  for (const std::string_view body : {"", "[]", "null", "\"x\"", "{\"a\":", "data: {}\n\n"}) {
    CAPTURE(body);
    CHECK(decode_body(body) ==
          Texts{"protocol_error: the answer is not a JSON object in valid UTF-8"});
  }
}

TEST_CASE("openai-chat: usage counts what the vendors mean by it") {
  CHECK(decode(usage(R"("prompt_tokens":8,"completion_tokens":2,"total_tokens":10)")) ==
        Texts{"usage=8/-/2/-"});
  CHECK(decode(usage(R"("prompt_tokens":8,"completion_tokens":5,"total_tokens":13,)"
                     R"("prompt_tokens_details":{"cached_tokens":4},)"
                     R"("completion_tokens_details":{"reasoning_tokens":3})")) ==
        Texts{"usage=8/4/5/3"});
  CHECK(decode(usage(R"("prompt_tokens":8,"completion_tokens":5,"prompt_cache_hit_tokens":6,)"
                     R"("reasoning_tokens":2,"prompt_tokens_details":null,)"
                     R"("completion_tokens_details":null)")) == Texts{"usage=8/6/5/2"});
  // Where the total says that reasoning stands beside the completion it is part of our output.
  CHECK(decode(usage(R"("prompt_tokens":8,"completion_tokens":5,"total_tokens":16,)"
                     R"("completion_tokens_details":{"reasoning_tokens":3})")) ==
        Texts{"usage=8/-/8/3"});
}

TEST_CASE("openai-chat: a count that cannot be is missing and not zero") {
  CHECK(decode(usage(R"("prompt_tokens":-1,"completion_tokens":99999999999999999999,)"
                     R"("total_tokens":1e30)")) == Texts{"-"});
  CHECK(decode(usage(R"("prompt_tokens":"8","completion_tokens":2.5,"total_tokens":null,)"
                     R"("prompt_tokens_details":[],"completion_tokens_details":7)")) == Texts{"-"});
  CHECK(decode(usage(R"("prompt_tokens":18446744073709551615,"completion_tokens":2,)"
                     R"("total_tokens":4,"reasoning_tokens":3)")) == Texts{"usage=-/-/2/3"});
  CHECK(decode(usage(R"("prompt_tokens":null,"completion_tokens":"2",)"
                     R"("completion_tokens_details":{"reasoning_tokens":-0.5},)"
                     R"("prompt_tokens_details":{"cached_tokens":0})")) == Texts{"usage=-/0/-/-"});
}

TEST_CASE("openai-chat: a count may be written with a fraction that is none") {
  CHECK(decode(usage(R"("prompt_tokens":21.0,"completion_tokens":2e1,)"
                     R"("completion_tokens_details":{"reasoning_tokens":0.0})")) ==
        Texts{"usage=21/-/20/0"});
  CHECK(decode(usage(R"("prompt_tokens":1000000000000.0,"completion_tokens":1000000000001.0)")) ==
        Texts{"usage=1000000000000/-/-/-"});
}

TEST_CASE("openai-chat: a number of no interest breaks no event however it is written") {
  for (const std::string_view number :
       {"1700000000.25", "-9999.0", "1e400", "18446744073709551616", "1e-400"}) {
    CAPTURE(number);
    CHECK(
        decode(frame(R"({"created":)" + std::string(number) +
                     R"(,"choices":[{"delta":{"content":"a"},"logprobs":{"content":[{"logprob":)" +
                     std::string(number) + "}]}}]}")) == Texts{"content=a"});
  }
  // What Python writes for floats that JSON has no number for.
  for (const std::string_view no_number : {"-Infinity", "NaN"}) {
    CAPTURE(no_number);
    CHECK(decode(frame(R"({"choices":[{"delta":{"content":"a"},"logprobs":)" +
                       std::string(no_number) + "}]}")) == Texts{k_not_json});
  }
}

TEST_CASE("openai-chat: deep nesting is read without harm") {
  const std::size_t depth = 90'000;
  const std::string nested = std::string(depth, '[') + std::string(depth, ']');
  CHECK(decode(frame(std::string(depth, '['))) == Texts{k_not_json});
  CHECK(decode(frame("{\"a\":" + nested + "}")) == Texts{"-"});
  CHECK(decode(frame("{\"error\":{\"message\":\"boom\",\"a\":" + nested + "}}")) ==
        Texts{"stream_error: error in the stream: boom"});
  CHECK(decode("event: error\n" + frame("{\"message\":\"boom\",\"a\":" + nested + "}")) ==
        Texts{"stream_error: error in the stream: boom"});
}

TEST_CASE("openai-chat: an event of very many values is refused before it is parsed") {
  const Texts refused{"protocol_error: an event of more than 100,000 values"};
  for (const std::string_view value : {"[", "{\"\":", "0,", "{},"}) {
    std::string data;
    for (int i = 0; i <= 100'000; ++i) {
      data += value;
    }
    CHECK(decode(frame(data)) == refused);
  }
}

TEST_CASE("openai-chat: a line of a megabyte is an event and one of five is refused") {
  const std::string megabyte(1024UL * 1024, 'x');
  CHECK(decode(delta("\"content\":\"" + megabyte + '"')) == Texts{"content=" + megabyte});
  std::string five;
  for (int i = 0; i < 5; ++i) {
    five += megabyte;
  }
  const Texts refused{"content=Hi", "protocol_error: an event of more than 4 MiB"};
  const std::string text = delta(R"("content":"Hi")");
  CHECK(decode(text + delta("\"content\":\"" + five + '"') + text) == refused);
  CHECK(decode({text, "data: ", five, "\n\n", text}) == refused);
}

TEST_CASE("openai-chat: what is too long after the end does not count either") {
  const std::string five(5UL * 1024 * 1024, 'x');
  CHECK(decode(k_done + five) == Texts{"done"});
  CHECK(decode({k_done, five}) == Texts{"done"});
  CHECK(decode(frame(R"({"error":"boom"})") + five).size() == 1);
}

}  // namespace inferometer::protocol::openai_chat_test
