#include "sim/api/format_driver.hpp"
#include "sim/api/wire_format.hpp"
#include "sim/sim_client.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace inferometer::sim::openai_chat_test {
using inferometer::sim::testing::ask_of;
using inferometer::sim::testing::count;
using inferometer::sim::testing::k_chat;
using inferometer::sim::testing::payloads;
using inferometer::sim::testing::post_to;
using nlohmann::json;

namespace {

std::string request(std::string_view more) {
  return R"({"model":"m","messages":[{"role":"user","content":"hi"}])" + std::string(more) + "}";
}

inferometer::base::Result<Ask> parse(std::string_view body) {
  return ask_of(post_to(k_chat, body));
}

std::string refusal(std::string_view body) {
  const auto ask = parse(body);
  return ask ? "" : ask.error().message;
}

Ask streamed(bool include_usage = false) {
  return {.model = "m \"quoted\"", .stream = true, .include_usage = include_usage};
}

constexpr AnswerId k_id{.number = 0xabc, .created = 1700000000};
constexpr Usage k_usage{.prompt_tokens = 7, .completion_tokens = 2, .reasoning_tokens = 1};

/// One of everything that a stream has, rendered.
std::string stream(const Behaviour& behaviour, bool include_usage = false) {
  const auto renderer =
      openai_chat::wire_format().make_renderer(streamed(include_usage), behaviour, k_id);
  Frames frames;
  renderer->opening(frames, {.prompt_tokens = 7});
  renderer->tokens(frames, TextKind::reasoning, " why",
                   {.prompt_tokens = 7, .completion_tokens = 1, .reasoning_tokens = 1});
  renderer->tokens(frames, TextKind::content, " yes", k_usage);
  renderer->finish(frames, FinishReason::stop, k_usage);
  renderer->terminator(frames);
  return frames.bytes;
}

std::vector<json> chunks(std::string_view bytes) {
  std::vector<json> parsed;
  for (const std::string& payload : payloads(bytes)) {
    if (payload != "[DONE]") {
      parsed.push_back(json::parse(payload));
    }
  }
  return parsed;
}

}  // namespace

TEST_CASE("a chat request is understood") {
  const Ask ask = parse(request(R"(,"stream":true,"max_tokens":9,"max_completion_tokens":5,
                                    "stream_options":{"include_usage":true},"top_k":1,
                                    "ignore_eos":true,"min_tokens":5)"))
                      .value();
  CHECK(ask.model == "m");
  CHECK(ask.stream);
  CHECK(ask.include_usage);
  CHECK(ask.max_tokens == 5U);
  CHECK(ask.min_tokens == 5);
  CHECK(ask.ignore_eos);
  CHECK(ask.prompt == "hi");
  CHECK(ask.prompt_tokens == 1);
  const Ask least = parse(request(R"(,"stream":null,"max_tokens":3)")).value();
  CHECK(!least.stream);
  CHECK(!least.include_usage);
  CHECK(least.max_tokens == 3U);
  CHECK(!parse(request("")).value().max_tokens);
}

TEST_CASE("prompt tokens are a quarter of the bytes of all texts and rounded up") {
  const auto tokens = [](std::string_view messages) {
    return parse(R"({"model":"m","messages":)" + std::string(messages) + "}").value().prompt_tokens;
  };
  CHECK(tokens(R"([{"role":"user","content":""}])") == 0);
  CHECK(tokens(R"([{"role":"user"}])") == 0);
  CHECK(tokens(R"([{"role":"user","content":null}])") == 0);
  CHECK(tokens(R"([{"role":"user","content":"12345678"}])") == 2);
  CHECK(tokens(R"([{"role":"user","content":"123456789"}])") == 3);
  CHECK(tokens(R"([{"role":"user","content":"ääää"}])") == 2);
  CHECK(tokens(R"([{"role":"system","content":"123"},{"role":"user","content":"45"}])") == 2);
  CHECK(tokens(R"([{"role":"user","content":[{"type":"text","text":"12345"},
                  {"type":"image_url","image_url":{"url":"u"}},{"type":"text","text":"678"}]}])") ==
        2);
}

TEST_CASE("a request that OpenAI would refuse is refused") {
  CHECK(refusal("").find("JSON") != std::string::npos);
  CHECK(refusal("{").find("JSON") != std::string::npos);
  CHECK(refusal("[]").find("JSON") != std::string::npos);
  CHECK(refusal("{\"model\":\"\xff\"}").find("JSON") != std::string::npos);
  CHECK(refusal(R"({"messages":[{"role":"user"}]})").find("`model`") != std::string::npos);
  CHECK(refusal(R"({"model":"","messages":[{"role":"user"}]})").find("`model`") !=
        std::string::npos);
  CHECK(refusal(R"({"model":1,"messages":[{"role":"user"}]})").find("`model`") !=
        std::string::npos);
  CHECK(refusal(R"({"model":"m"})").find("`messages`") != std::string::npos);
  CHECK(refusal(R"({"model":"m","messages":[]})").find("`messages`") != std::string::npos);
  CHECK(refusal(R"({"model":"m","messages":"hi"})").find("`messages`") != std::string::npos);
  CHECK(refusal(R"({"model":"m","messages":[{"role":"user"},1]})").find("`messages[1]`") !=
        std::string::npos);
  CHECK(refusal(R"({"model":"m","messages":[{"role":1}]})").find("`role`") != std::string::npos);
  CHECK(refusal(R"({"model":"m","messages":[{"role":"user","content":1}]})").find("content") !=
        std::string::npos);
  CHECK(refusal(R"({"model":"m","messages":[{"role":"user","content":["x"]}]})").find("content") !=
        std::string::npos);
  CHECK(refusal(request(R"(,"stream":"yes")")).find("`stream`") != std::string::npos);
  CHECK(refusal(request(R"(,"max_tokens":0)")).find("`max_tokens`") != std::string::npos);
  CHECK(refusal(request(R"(,"max_tokens":-1)")).find("`max_tokens`") != std::string::npos);
  CHECK(refusal(request(R"(,"max_completion_tokens":"4")")).find("`max_completion_tokens`") !=
        std::string::npos);
  CHECK(refusal(request(R"(,"stream_options":{"include_usage":true})")).find("`stream`") !=
        std::string::npos);
  CHECK(refusal(request(R"(,"stream":true,"stream_options":[])")).find("`stream_options`") !=
        std::string::npos);
  CHECK(refusal(request(R"(,"stream":true,"stream_options":{"include_usage":1})"))
            .find("`include_usage`") != std::string::npos);
  CHECK(refusal(request(R"(,"ignore_eos":1)")).find("`ignore_eos`") != std::string::npos);
  CHECK(refusal(request(R"(,"min_tokens":-1)")).find("`min_tokens`") != std::string::npos);
  CHECK(refusal(request(R"(,"max_tokens":3,"min_tokens":4)")).find("`min_tokens`") !=
        std::string::npos);
}

TEST_CASE("the deployment in the path of Azure is the model whatever the body says") {
  const auto model = [](std::string_view body) {
    return ask_of(
               post_to("/openai/deployments/my%2Ddeployment/chat/completions?api-version=x", body))
        .value()
        .model;
  };
  CHECK(model(request("")) == "my-deployment");
  CHECK(model(R"({"messages":[{"role":"user","content":"hi"}]})") == "my-deployment");
}

TEST_CASE("a body of nothing but brackets costs neither stack nor much memory") {
  const std::string deep(1'000'000, '[');
  CHECK(!refusal(deep).empty());
  CHECK(refusal(request(R"(,"tools":)" + deep + std::string(1'000'000, ']'))).empty());
}

TEST_CASE("a stream has the role then texts then the reason and the terminator") {
  const std::string bytes = stream({});
  CHECK(bytes.ends_with("\n\ndata: [DONE]\n\n"));
  const std::vector<json> parsed = chunks(bytes);
  REQUIRE(parsed.size() == 4);
  for (const json& chunk : parsed) {
    CHECK(chunk["id"] == "chatcmpl-0000000000000abc");
    CHECK(chunk["object"] == "chat.completion.chunk");
    CHECK(chunk["created"] == 1700000000);
    CHECK(chunk["model"] == "m \"quoted\"");
    CHECK(chunk["choices"][0]["index"] == 0);
    CHECK(!chunk.contains("usage"));
    CHECK(!chunk.contains("sim_sent_ns"));
  }
  CHECK(parsed[0]["choices"][0]["delta"] == json{{"role", "assistant"}, {"content", ""}});
  CHECK(parsed[0]["choices"][0]["finish_reason"].is_null());
  CHECK(parsed[1]["choices"][0]["delta"] == json{{"reasoning_content", " why"}});
  CHECK(parsed[2]["choices"][0]["delta"] == json{{"content", " yes"}});
  CHECK(parsed[2]["choices"][0]["finish_reason"].is_null());
  CHECK(parsed[3]["choices"][0]["delta"] == json::object());
  CHECK(parsed[3]["choices"][0]["finish_reason"] == "stop");
}

TEST_CASE("usage is in the place that is asked for") {
  const json usage{{"prompt_tokens", 7},
                   {"completion_tokens", 2},
                   {"total_tokens", 9},
                   {"prompt_tokens_details", {{"cached_tokens", 0}}},
                   {"completion_tokens_details", {{"reasoning_tokens", 1}}}};
  const auto parsed = [](UsagePlacement placement, bool include_usage) {
    return chunks(stream({.usage = placement}, include_usage));
  };
  SUBCASE("on a chunk of its own only for those who ask") {
    CHECK(parsed(UsagePlacement::trailing, false).size() == 4);
    const auto asked = parsed(UsagePlacement::trailing, true);
    REQUIRE(asked.size() == 5);
    CHECK(asked[4]["choices"] == json::array());
    CHECK(asked[4]["usage"] == usage);
    CHECK(!asked[3].contains("usage"));
  }
  SUBCASE("on the chunk with the finish reason") {
    const auto on_finish = parsed(UsagePlacement::finish, false);
    REQUIRE(on_finish.size() == 4);
    CHECK(on_finish[3]["usage"] == usage);
    CHECK(!on_finish[2].contains("usage"));
  }
  SUBCASE("on every chunk as far as it has come") {
    const auto every = parsed(UsagePlacement::every, true);
    REQUIRE(every.size() == 4);
    CHECK(every[0]["usage"]["completion_tokens"] == 0);
    CHECK(every[1]["usage"]["completion_tokens"] == 1);
    CHECK(every[2]["usage"] == usage);
    CHECK(every[3]["usage"] == usage);
  }
  SUBCASE("on a last chunk that has a choice") {
    const auto trailing = parsed(UsagePlacement::trailing_choice, false);
    REQUIRE(trailing.size() == 5);
    CHECK(trailing[4]["choices"][0]["delta"] == json{{"content", ""}});
    CHECK(trailing[4]["usage"] == usage);
  }
  SUBCASE("inside x_groq") {
    const auto groq = parsed(UsagePlacement::x_groq, false);
    REQUIRE(groq.size() == 4);
    CHECK(groq[3]["x_groq"]["usage"] == usage);
    CHECK(!groq[3].contains("usage"));
  }
  SUBCASE("nowhere") {
    CHECK(count(stream({.usage = UsagePlacement::none}, true), "usage") == 0);
  }
}

TEST_CASE("reasoning is in the field that is asked for") {
  const auto delta = [](ReasoningField field) {
    return chunks(stream({.reasoning_field = field}))[1]["choices"][0]["delta"];
  };
  CHECK(delta(ReasoningField::reasoning) == json{{"reasoning", " why"}});
  CHECK(delta(ReasoningField::both) == json{{"reasoning_content", " why"}, {"reasoning", " why"}});
  CHECK(delta(ReasoningField::none) == json{{"content", " yes"}});
}

TEST_CASE("lines end as asked and nothing else has a line end in it") {
  const std::string plain = stream({});
  CHECK(count(plain, "\n") == 2 * count(plain, "data: "));
  CHECK(count(plain, "\r") == 0);
  const std::string crlf = stream({.line_ending = LineEnding::crlf});
  CHECK(count(crlf, "\r\n\r\n") == 5);
  CHECK(count(crlf, "\n") == 10);
  CHECK(count(crlf, "\r") == 10);
  const std::string cr = stream({.line_ending = LineEnding::cr});
  CHECK(count(cr, "\r\r") == 5);
  CHECK(count(cr, "\n") == 0);
}

TEST_CASE("only texts are stamped and the places are the digits") {
  const auto renderer = openai_chat::wire_format().make_renderer(streamed(), {.stamp = true}, k_id);
  Frames frames;
  renderer->opening(frames, {});
  CHECK(frames.stamps.empty());
  renderer->tokens(frames, TextKind::reasoning, " a", {});
  renderer->tokens(frames, TextKind::content, " b", {});
  renderer->finish(frames, FinishReason::length, {});
  REQUIRE(frames.stamps.size() == 2);
  frames.stamp(1234);
  const auto parsed = chunks(frames.bytes);
  CHECK(parsed[1]["sim_sent_ns"] == "00000000000000001234");
  CHECK(parsed[2]["sim_sent_ns"] == "00000000000000001234");
  CHECK(!parsed[3].contains("sim_sent_ns"));
  CHECK(parsed[3]["choices"][0]["finish_reason"] == "length");
}

TEST_CASE("what a stream can have besides is what its name says") {
  const auto renderer = openai_chat::wire_format().make_renderer(streamed(), {}, k_id);
  Frames frames;
  renderer->comment(frames);
  CHECK(frames.bytes == ": keep-alive\n\n");
  frames.clear();
  renderer->error(frames, ErrorKind::overloaded);
  CHECK(chunks(frames.bytes).at(0)["error"]["type"] == "overloaded_error");
  frames.clear();
  renderer->malformed(frames);
  REQUIRE(payloads(frames.bytes).size() == 1);
  CHECK(!json::accept(payloads(frames.bytes)[0]));
  CHECK(frames.bytes.ends_with("\n\n"));
  frames.clear();
  renderer->unfinished(frames);
  CHECK(frames.bytes.starts_with("data: {"));
  CHECK(count(frames.bytes, "\n") == 0);
}

TEST_CASE("spaces can trail every data line") {
  const std::string bytes = stream({.fault = Fault::trailing_spaces});
  CHECK(count(bytes, "   \n\n") == count(bytes, "data: "));
  CHECK(bytes.ends_with("data: [DONE]   \n\n"));
}

TEST_CASE("an answer that is not streamed is one object") {
  const auto renderer = openai_chat::wire_format().make_renderer(streamed(), {}, k_id);
  const json whole = json::parse(renderer->completion(" a b", " r", FinishReason::length, k_usage));
  CHECK(whole["object"] == "chat.completion");
  CHECK(whole["choices"][0]["message"] ==
        json{{"role", "assistant"}, {"content", " a b"}, {"reasoning_content", " r"}});
  CHECK(whole["choices"][0]["finish_reason"] == "length");
  CHECK(whole["usage"]["total_tokens"] == 9);
  const json plain = json::parse(renderer->completion(" a", "", FinishReason::stop, {}));
  CHECK(!plain["choices"][0]["message"].contains("reasoning_content"));
}

TEST_CASE("tokens from the cache are told even where there are none") {
  const auto renderer = openai_chat::wire_format().make_renderer(streamed(), {}, k_id);
  const auto details = [&](std::uint64_t cached) {
    return json::parse(renderer->completion(
        "", "", FinishReason::stop,
        {.prompt_tokens = 7, .cached_prompt_tokens = cached}))["usage"]["prompt_tokens_details"];
  };
  CHECK(details(0)["cached_tokens"] == 0);
  CHECK(details(4)["cached_tokens"] == 4);
}

TEST_CASE("an error has the shape of OpenAI and its code where there is one") {
  const http::Response response = openai_chat::wire_format().render_error(
      {.kind = ErrorKind::quota, .message = "no \"money\""});
  CHECK(response.status == 429);
  CHECK(response.content_type == "application/json");
  const json quota = json::parse(response.body);
  CHECK(quota["error"]["message"] == "no \"money\"");
  CHECK(quota["error"]["code"] == "insufficient_quota");
  CHECK(quota["error"]["param"].is_null());
  const json invalid = json::parse(
      openai_chat::wire_format()
          .render_error({.kind = ErrorKind::invalid_request, .message = "not UTF-8: \xff"})
          .body);
  CHECK(invalid["error"]["type"] == "invalid_request_error");
  CHECK(invalid["error"]["code"].is_null());
}

TEST_CASE("the list of models has the one there is") {
  const json list = json::parse(openai_chat::wire_format().render_models("gpt-4o"));
  CHECK(list["object"] == "list");
  REQUIRE(list["data"].size() == 1);
  CHECK(list["data"][0]["id"] == "gpt-4o");
}

}  // namespace inferometer::sim::openai_chat_test
