#include "sim/api/format_driver.hpp"
#include "sim/api/openai.hpp"
#include "sim/api/wire_format.hpp"
#include "sim/model/behaviour.hpp"
#include "sim/sim_client.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <utility>

using namespace inferometer::sim;
using namespace inferometer::sim::testing;
using inferometer::base::WallTime;
using nlohmann::json;

namespace {

Behaviour of(Dialect dialect) {
  Behaviour behaviour;
  adopt_dialect(behaviour, dialect);
  behaviour.reasoning_tokens = 1;
  return behaviour;
}

/// The chunks of a whole stream in that dialect, without the terminator.
std::vector<json> chunks(Dialect dialect) {
  std::vector<json> parsed;
  for (const std::string& payload :
       payloads(whole_stream(openai_chat::wire_format(), of(dialect)))) {
    if (payload != "[DONE]") {
      parsed.push_back(json::parse(payload));
    }
  }
  return parsed;
}

json error_body(ErrorKind kind, Dialect dialect) {
  return json::parse(
      openai_chat::wire_format().render_error({.kind = kind, .dialect = dialect}).body);
}

int status(ErrorKind kind, Dialect dialect) {
  return openai_chat::wire_format().render_error({.kind = kind, .dialect = dialect}).status;
}

}  // namespace

TEST_CASE("every dialect gives whole streams whose payloads are JSON") {
  for (const Dialect dialect :
       {Dialect::openai, Dialect::azure, Dialect::vllm, Dialect::sglang, Dialect::tgi,
        Dialect::llamacpp, Dialect::deepseek, Dialect::openrouter, Dialect::groq}) {
    CAPTURE(static_cast<int>(dialect));
    const std::string bytes = whole_stream(openai_chat::wire_format(), of(dialect));
    CHECK(bytes.ends_with("data: [DONE]\n\n"));
    CHECK(count(bytes, R"("content":" yes")") == 1);
    CHECK(count(bytes, R"("prompt_tokens":7)") == 1);
    for (const json& chunk : chunks(dialect)) {
      CHECK(chunk.is_object());
    }
    CHECK(json::accept(openai_chat::wire_format()
                           .make_renderer(streamed_ask(), of(dialect), k_answer_id)
                           ->completion(" yes", " why", FinishReason::stop, k_whole)));
  }
}

TEST_CASE("OpenAI and Azure show no reasoning and Azure begins without a choice") {
  CHECK(chunks(Dialect::openai).size() == 4);
  const auto azure = chunks(Dialect::azure);
  REQUIRE(azure.size() == 5);
  CHECK(azure[0]["choices"] == json::array());
  CHECK(azure[0]["id"] == "");
  CHECK(azure[0].contains("prompt_filter_results"));
  CHECK(count(whole_stream(openai_chat::wire_format(), of(Dialect::azure)), " why") == 0);
}

TEST_CASE("vLLM and SGLang say what matched and SGLang adds a chunk of its own") {
  CHECK(chunks(Dialect::vllm)[1]["choices"][0]["delta"] == json{{"reasoning", " why"}});
  CHECK(chunks(Dialect::vllm)[3]["choices"][0].contains("stop_reason"));
  const auto sglang = chunks(Dialect::sglang);
  REQUIRE(sglang.size() == 6);
  CHECK(sglang[3]["choices"][0].contains("matched_stop"));
  CHECK(sglang[4]["choices"] == json::array());
  CHECK(!sglang[4].contains("usage"));
  CHECK(sglang[5].contains("usage"));
}

TEST_CASE("TGI has no chunk for the role and no id") {
  const auto tgi = chunks(Dialect::tgi);
  REQUIRE(tgi.size() == 4);
  CHECK(tgi[0]["id"] == "");
  CHECK(tgi[1]["choices"][0]["delta"] == json{{"role", "assistant"}, {"content", " yes"}});
}

TEST_CASE("llama.cpp begins with null and ends with timings") {
  const auto llama = chunks(Dialect::llamacpp);
  CHECK(llama[0]["choices"][0]["delta"] == json{{"role", "assistant"}, {"content", nullptr}});
  CHECK(llama.back()["timings"]["prompt_n"] == 7);
}

TEST_CASE("DeepSeek has both texts in each delta and its own figures of the cache") {
  const auto deepseek = chunks(Dialect::deepseek);
  CHECK(deepseek[1]["choices"][0]["delta"] ==
        json{{"content", nullptr}, {"reasoning_content", " why"}});
  CHECK(deepseek[2]["choices"][0]["delta"] ==
        json{{"content", " yes"}, {"reasoning_content", nullptr}});
  CHECK(deepseek[3]["choices"][0]["finish_reason"] == "stop");
  CHECK(deepseek[3]["usage"]["prompt_cache_hit_tokens"] == 3);
  CHECK(deepseek[3]["usage"]["prompt_cache_miss_tokens"] == 4);
}

TEST_CASE("a dialect names the parts of its counts where its servers do") {
  const auto names = [](Behaviour behaviour) {
    const std::string usage = whole_stream(openai_chat::wire_format(), behaviour);
    return std::pair(count(usage, "cached_tokens") + count(usage, "cache_hit_tokens") > 0,
                     count(usage, "reasoning_tokens") > 0);
  };
  for (const Dialect dialect :
       {Dialect::openai, Dialect::azure, Dialect::deepseek, Dialect::openrouter}) {
    CHECK(names(of(dialect)) == std::pair(true, true));
  }
  CHECK(names(of(Dialect::sglang)) == std::pair(false, true));
  CHECK(chunks(Dialect::sglang).back()["usage"]["reasoning_tokens"] == 1);
  for (const Dialect dialect : {Dialect::vllm, Dialect::tgi, Dialect::llamacpp, Dialect::groq}) {
    Behaviour behaviour = of(dialect);
    CHECK(names(behaviour) == std::pair(false, false));
    behaviour.usage_details = UsageDetails::all;
    CHECK(names(behaviour) == std::pair(true, true));
  }
  Behaviour silent = of(Dialect::deepseek);
  silent.usage_details = UsageDetails::none;
  CHECK(names(silent) == std::pair(false, false));
}

TEST_CASE("OpenRouter repeats the role and has comments of its own") {
  const auto router = chunks(Dialect::openrouter);
  CHECK(router[1]["choices"][0]["delta"] == json{{"role", "assistant"}, {"reasoning", " why"}});
  CHECK(router[1]["provider"] == "sim");
  CHECK(router.back()["choices"].size() == 1);
  CHECK(router.back()["usage"]["completion_tokens"] == 2);
  CHECK(of(Dialect::openrouter).comments);
  CHECK(rendered(
            openai_chat::wire_format(), [](Renderer& r, Frames& f) { r.comment(f); },
            of(Dialect::openrouter)) == ": OPENROUTER PROCESSING\n\n");
  CHECK(rendered(
            openai_chat::wire_format(), [](Renderer& r, Frames& f) { r.comment(f); },
            of(Dialect::llamacpp)) == ":\n\n");
}

TEST_CASE("Groq has its own member for its id and its usage") {
  const auto groq = chunks(Dialect::groq);
  CHECK(groq[0]["x_groq"]["id"] == "req_0000000000000abc");
  CHECK(groq.back()["x_groq"]["usage"]["prompt_tokens"] == 7);
}

TEST_CASE("an error within a stream has the shape of the dialect") {
  const auto in_stream = [](Dialect dialect) {
    return error_in_stream(openai_chat::wire_format(), ErrorKind::overloaded, of(dialect));
  };
  const auto first = [&](Dialect dialect) {
    return json::parse(payloads(in_stream(dialect)).at(0));
  };
  const auto done = [&](Dialect dialect) {
    return in_stream(dialect).ends_with("data: [DONE]\n\n");
  };
  CHECK(first(Dialect::openai)["error"]["code"] == "server_is_overloaded");
  CHECK(!done(Dialect::openai));
  CHECK(first(Dialect::vllm)["error"]["code"] == 503);
  CHECK(done(Dialect::vllm));
  CHECK(first(Dialect::sglang)["error"]["object"] == "error");
  CHECK(done(Dialect::sglang));
  CHECK(first(Dialect::tgi)["error"]["http_status_code"] == 422);
  CHECK(done(Dialect::tgi));
  CHECK(first(Dialect::llamacpp)["error"]["type"] == "unavailable_error");
  CHECK(!done(Dialect::llamacpp));
  CHECK(first(Dialect::openrouter)["error"]["code"] == 502);
  CHECK(first(Dialect::openrouter)["choices"][0]["finish_reason"] == "error");
  CHECK(in_stream(Dialect::groq).starts_with("event: error\ndata: "));
  CHECK(first(Dialect::groq)["error"]["status_code"] == 503);
  CHECK(!done(Dialect::groq));
}

TEST_CASE("an error before the stream has the shape of the dialect") {
  CHECK(error_body(ErrorKind::rate_limit, Dialect::openai)["error"]["code"] ==
        "rate_limit_exceeded");
  CHECK(error_body(ErrorKind::rate_limit, Dialect::azure)["error"]["code"] == "429");
  CHECK(error_body(ErrorKind::invalid_request, Dialect::vllm)["error"]["type"] ==
        "BadRequestError");
  CHECK(error_body(ErrorKind::invalid_request, Dialect::vllm)["error"]["code"] == 400);
  CHECK(error_body(ErrorKind::server_error, Dialect::sglang)["object"] == "error");
  CHECK(error_body(ErrorKind::overloaded, Dialect::tgi)["error_type"] == "overloaded");
  CHECK(error_body(ErrorKind::context_length, Dialect::llamacpp)["error"]["n_ctx"] == 16384);
  CHECK(error_body(ErrorKind::quota, Dialect::openrouter)["error"]["code"] == 402);
}

TEST_CASE("a dialect has its own statuses where they differ") {
  CHECK(status(ErrorKind::quota, Dialect::openai) == 429);
  CHECK(status(ErrorKind::quota, Dialect::deepseek) == 402);
  CHECK(status(ErrorKind::invalid_request, Dialect::tgi) == 422);
  CHECK(status(ErrorKind::server_error, Dialect::tgi) == 424);
  CHECK(status(ErrorKind::overloaded, Dialect::tgi) == 429);
  CHECK(status(ErrorKind::rate_limit, Dialect::tgi) == 429);
  CHECK(status(ErrorKind::overloaded, Dialect::vllm) == 503);
  CHECK(openai_chat::wire_format().render_error({.status = 418, .dialect = Dialect::tgi}).status ==
        418);
}

TEST_CASE("each dialect says in its own words that the prompt is too long") {
  const auto says = [](Dialect dialect, std::string_view words) {
    return openai::error_message({.kind = ErrorKind::context_length, .dialect = dialect})
               .find(words) != std::string::npos;
  };
  CHECK(says(Dialect::openai, "maximum context length is 16384 tokens"));
  CHECK(says(Dialect::sglang, "longer than the model's context length (16384 tokens)"));
  CHECK(says(Dialect::tgi, "`max_new_tokens` must be <= 16384"));
  CHECK(says(Dialect::llamacpp, "exceeds the available context size (16384 tokens)"));
  CHECK(says(Dialect::groq, "reduce the length of the messages"));
}

TEST_CASE("limits reset after a duration as Go writes it or of Azure in seconds") {
  using namespace std::chrono_literals;
  const auto reset = [](Duration after, Dialect dialect = Dialect::openai) {
    const auto headers = openai_chat::wire_format().rate_limit_headers(
        {.requests = {.limit = 60, .remaining = 59, .reset = after}, .tokens = {}}, dialect,
        WallTime());
    CHECK(headers.size() == 6);
    CHECK(headers.at(0) == http::Header("x-ratelimit-limit-requests", "60"));
    CHECK(headers.at(1) == http::Header("x-ratelimit-remaining-requests", "59"));
    CHECK(headers.at(2).first == "x-ratelimit-reset-requests");
    CHECK(headers.at(5).first == "x-ratelimit-reset-tokens");
    return headers.at(2).second;
  };
  CHECK(reset(0s) == "0s");
  CHECK(reset(12ms) == "12ms");
  CHECK(reset(1s) == "1s");
  CHECK(reset(8640ms) == "8.64s");
  CHECK(reset(6min) == "6m0s");
  CHECK(reset(3723s) == "1h2m3s");
  CHECK(reset(1200ms, Dialect::azure) == "2");
}
