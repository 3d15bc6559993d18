#include "sim/sim_client.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <string>

using namespace std::chrono_literals;
using namespace inferometer::sim;
using namespace inferometer::sim::testing;
using inferometer::fakes::RawHttpClient;
using inferometer::fakes::RawResponse;
using nlohmann::json;

namespace {

/// A request that is not streamed, with a prompt of that many bytes.
std::string ask(std::size_t prompt, std::string_view headers = "", std::uint32_t max_tokens = 4) {
  const std::string body = R"({"model":"m","messages":[{"role":"user","content":")" +
                           std::string(prompt, 'x') + R"("}],"max_tokens":)" +
                           std::to_string(max_tokens) + "}";
  return post(k_chat, body, std::string(k_fast) + std::string(headers));
}

json answer(RawHttpClient& client, const std::string& request) {
  client.send(request);
  return json::parse(client.read_response().body);
}

}  // namespace

TEST_CASE("wire: a prompt is counted by its bytes and the template") {
  const Server server = start();
  RawHttpClient client(server.port());
  const auto tokens = [&](std::size_t bytes, std::string_view headers) {
    return answer(client, ask(bytes, headers))["usage"]["prompt_tokens"].get<int>();
  };
  CHECK(tokens(370, "") == 93);
  CHECK(tokens(370, "X-Sim-Bytes-Per-Token: 3.7\r\n") == 100);
  CHECK(tokens(370, "X-Sim-Bytes-Per-Token: 3.7\r\nX-Sim-Template-Tokens: 11\r\n") == 111);
}

TEST_CASE("wire: a prompt that does not fit the context with its answer is refused") {
  const Server server = start();
  RawHttpClient client(server.port());
  const std::string window = "X-Sim-Context-Window: 104\r\n";
  client.send(ask(400, window, 4));
  CHECK(client.read_response().status == 200);
  for (const std::string& request : {ask(400, window, 5), ask(417, window, 1)}) {
    client.send(request);
    const RawResponse refused = client.read_response();
    CHECK(refused.status == 400);
    const json error = json::parse(refused.body)["error"];
    CHECK(error["code"] == "context_length_exceeded");
    CHECK(error["message"].get<std::string>().find("104 tokens") != std::string::npos);
  }
}

TEST_CASE("wire: a prompt that comes again is cached unless the cache is off") {
  const Server server = start();
  RawHttpClient client(server.port());
  const auto cached = [&](std::string_view headers) {
    const json details = answer(client, ask(400, headers))["usage"]["prompt_tokens_details"];
    return details.is_object() ? details["cached_tokens"].get<int>() : 0;
  };
  CHECK(cached("X-Sim-Prefix-Cache: off\r\n") == 0);
  CHECK(cached("") == 0);
  CHECK(cached("") == 96);
  CHECK(cached("X-Sim-Prefix-Cache: off\r\n") == 0);
}

TEST_CASE("wire: the profiles do not share a prefix cache") {
  const Server server = start();
  RawHttpClient client(server.port());
  const std::string first = ask(400);
  std::string other = first;
  other.replace(other.find("/v1"), 3, "/gpt-4o/v1");
  CHECK(answer(client, first)["usage"]["prompt_tokens"] == 100);
  const json usage = answer(client, other)["usage"];
  CHECK(usage.value("prompt_tokens_details", json::object()).value("cached_tokens", 0) == 0);
}

TEST_CASE("wire: good and refused answers tell what is left of the rate limits") {
  const Server server = start();
  RawHttpClient client(server.port());
  const auto headers = [&](std::string_view more) {
    client.send(ask(400, more));
    return client.read_response().headers;
  };
  CHECK(!headers("").contains("x-ratelimit-limit-requests"));
  auto good = headers("X-Sim-Rate-Limits: on\r\n");
  CHECK(good["x-ratelimit-limit-requests"] == "10000");
  CHECK(good["x-ratelimit-remaining-requests"] == "9999");
  CHECK(good["x-ratelimit-remaining-tokens"] == "1999900");
  CHECK(headers("X-Sim-Rate-Limits: on\r\n")["x-ratelimit-remaining-requests"] == "9998");
  auto refused = headers("X-Sim-Rate-Limits: on\r\nX-Sim-Fault: rate_limit_seconds\r\n");
  CHECK(refused["x-ratelimit-remaining-requests"] == "0");
  CHECK(refused["x-ratelimit-reset-requests"] == "1m0s");
  CHECK(refused["retry-after"] == "2");
  auto failed = headers("X-Sim-Rate-Limits: on\r\nX-Sim-Fault: status_500\r\n");
  CHECK(failed["x-ratelimit-remaining-requests"] == "9997");
}

TEST_CASE("wire: an API without rate limits in its headers tells none") {
  const Server server = start();
  RawHttpClient client(server.port());
  const std::string body = R"({"messages":[{"role":"user","content":[{"text":"hi"}]}]})";
  client.send(post("/model/m/converse", body,
                   std::string(k_fast) + "X-Sim-Rate-Limits: on\r\nX-Sim-Output-Tokens: 2\r\n"));
  const RawResponse response = client.read_response();
  CHECK(response.status == 200);
  CHECK(response.headers.size() == 3);  // Type and length of the body and the request's id.
}

TEST_CASE("wire: a good answer may ask to come back later") {
  const Server server = start();
  RawHttpClient client(server.port());
  for (const bool stream : {false, true}) {
    client.send(post(k_chat, chat_body(stream),
                     std::string(k_fast) + "X-Sim-Retry-After-On-Success: on\r\n"));
    RawResponse response = client.read_response();
    CHECK(response.status == 200);
    CHECK(response.headers["retry-after"] == "1");
  }
}

TEST_CASE("wire: the answer says what it was told to say") {
  const Server server = start({.behaviour = {.output_tokens = 4}});
  RawHttpClient client(server.port());
  const json told = answer(client, ask(8, "X-Sim-Content: The answer is 42.\r\n"));
  CHECK(told["choices"][0]["message"]["content"] == "The answer is 42.");
}

TEST_CASE("wire: a request that ignores the end of text gets as many tokens as it may have") {
  const Server server = start({.behaviour = {.output_tokens = 2}});
  RawHttpClient client(server.port());
  client.send(fast_chat("", 7, R"(,"ignore_eos":true)"));
  CHECK(count(client.read_response().body, R"("content":" )") == 7);
  client.send(fast_chat("", 7));
  CHECK(count(client.read_response().body, R"("content":" )") == 2);
}

TEST_CASE("wire: the metrics of a profile count its own requests and are open to everyone") {
  const Server server = start({.profile = "vllm-a100", .key = inferometer::base::Secret("k")});
  RawHttpClient client(server.port());
  client.send(fast_chat("Authorization: Bearer k\r\n", 5));
  CHECK(client.read_response().complete);
  const auto metric = [&](std::string_view path, const std::string& name) {
    client.send(get(path));
    RawResponse page = client.read_response();
    CHECK(page.status == 200);
    CHECK(page.headers["content-type"].starts_with("text/plain; version=0.0.4"));
    const std::size_t at = page.body.find("\n" + name + "{");
    REQUIRE(at != std::string::npos);
    const std::size_t value = page.body.find("} ", at) + 2;
    return page.body.substr(value, page.body.find('\n', value) - value);
  };
  CHECK(metric("/metrics", "vllm:generation_tokens_total") == "5");
  CHECK(metric("/metrics", "vllm:prompt_tokens_total") == "2");
  CHECK(metric("/metrics", "vllm:time_to_first_token_seconds_count") == "1");
  CHECK(metric("/metrics", "vllm:inter_token_latency_seconds_count") == "4");
  CHECK(metric("/vllm-a100/metrics", "vllm:generation_tokens_total") == "5");
  CHECK(metric("/gpt-4o/metrics", "vllm:generation_tokens_total") == "0");
  client.send("POST /metrics HTTP/1.1\r\nHost: sim\r\nContent-Length: 0\r\n\r\n");
  CHECK(client.read_response().status == 405);
}

TEST_CASE("wire: requests that run and wait show and one whose client goes is an abort") {
  const Server server = start({.slots = 1});
  const auto page = [&] {
    RawHttpClient client(server.port());
    client.send(get("/metrics"));
    return client.read_response().body;
  };
  const auto shows = [&page](const std::string& line) {
    return eventually([&] { return page().find("\n" + line + "\n") != std::string::npos; });
  };
  {
    RawHttpClient running(server.port());
    running.send(fast_chat("X-Sim-Fault: stall\r\n"));
    CHECK(running.receive_until(R"("content":" )"));
    RawHttpClient waiting(server.port());
    waiting.send(fast_chat("X-Sim-Fault: stall\r\n"));
    CHECK(shows(R"(vllm:num_requests_running{engine="0",model_name="vllm-h100"} 1)"));
    CHECK(shows(R"(vllm:num_requests_waiting{engine="0",model_name="vllm-h100"} 1)"));
    CHECK(page().find(R"(vllm:kv_cache_usage_perc{engine="0",model_name="vllm-h100"} 0)"
                      "\n") == std::string::npos);
  }
  CHECK(shows(R"(vllm:num_requests_running{engine="0",model_name="vllm-h100"} 0)"));
  CHECK(shows(R"(vllm:kv_cache_usage_perc{engine="0",model_name="vllm-h100"} 0)"));
  CHECK(shows(
      R"(vllm:request_success_total{engine="0",model_name="vllm-h100",finished_reason="abort"} 2)"));
}

TEST_CASE("wire: the metrics may have the names of another server") {
  const Server server = start({.metrics = MetricsKind::llamacpp});
  RawHttpClient client(server.port());
  client.send(get("/metrics"));
  CHECK(client.read_response().body.find("\nllamacpp:requests_processing 0\n") !=
        std::string::npos);
}
