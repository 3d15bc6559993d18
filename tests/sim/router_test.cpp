#include "sim/router.hpp"

#include "sim/api/format_driver.hpp"
#include "sim/sim_client.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace inferometer::sim::router_test {
using inferometer::base::Secret;
using inferometer::base::WallTime;
using inferometer::sim::testing::chat_body;
using inferometer::sim::testing::post_to;
using nlohmann::json;

namespace {

Router router(Router::Options options = {}) {
  options.profile = *find_profile("vllm-h100");
  return Router(std::move(options));
}

http::Request get(std::string path) {
  return {.method = "GET", .path = std::move(path), .headers = {}, .body = {}};
}

http::Request chat(std::vector<http::Header> headers = {}, bool stream = true) {
  return {.method = "POST",
          .path = "/v1/chat/completions",
          .headers = std::move(headers),
          .body = chat_body(stream)};
}

http::Response response(Router& router, const http::Request& request) {
  Decision decision = router.decide(request, WallTime());
  REQUIRE(std::holds_alternative<http::Response>(decision.action));
  return std::get<http::Response>(decision.action);
}

std::string error_of(const http::Response& response) {
  return json::parse(response.body)["error"]["message"];
}

}  // namespace

TEST_CASE("health is for everyone and needs no key") {
  Router guarded = router({.key = Secret("sk-1234")});
  const http::Response health = response(guarded, get("/healthz"));
  CHECK(health.status == 200);
  CHECK(health.body == "ok\n");
}

TEST_CASE("the models of a path are the one of its profile") {
  Router plain = router();
  const auto id = [&](const char* path) {
    return json::parse(response(plain, get(path)).body)["data"][0]["id"];
  };
  CHECK(id("/v1/models") == "vllm-h100");
  CHECK(id("/gpt-4o/v1/models") == "gpt-4o");
  const auto body = [&](const char* path) { return json::parse(response(plain, get(path)).body); };
  CHECK(body("/v1beta/models")["models"][0]["name"] == "models/vllm-h100");
  CHECK(body("/gpt-4o/api/tags")["models"][0]["name"] == "gpt-4o");
}

TEST_CASE("a chat request is answered by the profile in its path or else by the default") {
  Router plain = router();
  http::Request request = chat();
  const auto profile = [&] {
    Decision decision = plain.decide(request, WallTime());
    REQUIRE(std::holds_alternative<Answer>(decision.action));
    CHECK(!decision.fault);
    return std::get<Answer>(decision.action).profile->name;
  };
  CHECK(profile() == "vllm-h100");
  request.path = "/deepseek-v3/v1/chat/completions";
  CHECK(profile() == "deepseek-v3");
}

TEST_CASE("every API answers at its paths with and without a profile") {
  Router plain = router();
  const std::string messages = R"("messages":[{"role":"user","content":"x"}]})";
  const std::string contents = R"({"contents":[{"parts":[{"text":"x"}]}]})";
  const auto answer = [&](const http::Request& request) {
    CAPTURE(request.path);
    Decision decision = plain.decide(request, WallTime());
    REQUIRE(std::holds_alternative<Answer>(decision.action));
    const auto& given = std::get<Answer>(decision.action);
    return given.generation->streamed() ? given.stream_content_type : "";
  };
  for (const std::string profile : {"", "/gpt-4o"}) {
    CHECK(answer(post_to(profile + "/v1/responses", R"({"model":"m","input":"x"})")).empty());
    CHECK(answer(post_to(profile + "/v1/completions", R"({"model":"m","prompt":"x"})")).empty());
    CHECK(answer(post_to(profile + "/v1/messages",
                         R"({"model":"m","max_tokens":1,"stream":true,)" + messages,
                         {{"anthropic-version", "2023-06-01"}}))
              .starts_with("text/event-stream"));
    CHECK(answer(post_to(profile + "/v1beta/models/g%2D1:streamGenerateContent?alt=sse", contents))
              .starts_with("text/event-stream"));
    CHECK(answer(post_to(profile + "/v1beta/models/g:generateContent", contents)).empty());
    CHECK(answer(post_to(profile + "/api/chat", R"({"model":"m",)" + messages)) ==
          "application/x-ndjson");
  }
}

TEST_CASE("an unknown path is not found and an unknown profile is named") {
  Router plain = router();
  for (const char* path : {"/", "/v1", "/v1/", "/v1/chat", "/v1/chat/completions/", "/gpt-4o",
                           "/gpt-4o/", "/gpt-4o/v2/models", "//v1/models", "/api/generate",
                           "/v1beta/models/g", "/v1beta/models/g%zz:generateContent"}) {
    CAPTURE(path);
    CHECK(response(plain, get(path)).status == 404);
  }
  const http::Response unknown = response(plain, get("/gpt-9/v1/models"));
  CHECK(unknown.status == 404);
  CHECK(error_of(unknown).find("there is nothing at /gpt-9/v1/models") == 0);
  CHECK(error_of(unknown).find("there is no profile 'gpt-9'") != std::string::npos);
}

TEST_CASE("a wrong method is refused with the right one") {
  Router plain = router();
  const auto refused = [&](const char* method, const char* path) {
    http::Request request = get(path);
    request.method = method;
    const http::Response reply = response(plain, request);
    CHECK(reply.status == 405);
    CHECK(json::parse(reply.body).contains("error"));
    CHECK(reply.headers.at(0).first == "allow");
    return reply.headers.at(0).second;
  };
  CHECK(refused("POST", "/healthz") == "GET");
  CHECK(refused("DELETE", "/v1/models") == "GET");
  CHECK(refused("GET", "/v1/chat/completions") == "POST");
  CHECK(refused("GET", "/v1beta/models/g:generateContent") == "POST");
  CHECK(refused("POST", "/api/tags") == "GET");
  CHECK(refused("GET", "/token") == "POST");
}

TEST_CASE("the key that is asked for must be the bearer token") {
  Router guarded = router({.key = Secret("sk-1234")});
  for (const char* value : {"", "sk-1234", "Bearer sk-123", "Bearer sk-12345", "Basic sk-1234"}) {
    CAPTURE(value);
    const http::Response refused = response(guarded, chat({{"authorization", value}}));
    CHECK(refused.status == 401);
    CHECK(json::parse(refused.body)["error"]["code"] == "invalid_api_key");
    CHECK(refused.body.find("sk-1234") == std::string::npos);
  }
  CHECK(response(guarded, get("/v1/models")).status == 401);
  const Decision good = guarded.decide(chat({{"authorization", "Bearer sk-1234"}}), WallTime());
  CHECK(std::holds_alternative<Answer>(good.action));
}

TEST_CASE("the key may be in the header of the API and in no other's") {
  Router guarded = router({.key = Secret("k")});
  const auto status = [&](std::string_view path, const char* header) {
    const http::Response reply = response(guarded, post_to(path, "x", {{header, "k"}}));
    return reply.status;
  };
  // A request that is let in is refused for its body.
  CHECK(status("/v1/chat/completions", "api-key") == 400);
  CHECK(status("/v1/responses", "api-key") == 400);
  CHECK(status("/v1/completions", "api-key") == 400);
  CHECK(status("/v1/messages", "x-api-key") == 400);
  CHECK(status("/v1/messages", "api-key") == 401);
  CHECK(status("/v1/chat/completions", "x-api-key") == 401);
  CHECK(status("/api/chat", "api-key") == 401);
  CHECK(status("/api/chat", "") == 401);
  const auto gemini = [&](const char* header) {
    return json::parse(
        response(guarded, post_to("/v1beta/models/g:generateContent", "x", {{header, "k"}})).body);
  };
  CHECK(gemini("x-goog-api-key")["error"]["details"].is_null());
  const json refused = gemini("api-key");
  CHECK(refused["error"]["code"] == 400);
  CHECK(refused["error"]["details"][0]["reason"] == "API_KEY_INVALID");
}

TEST_CASE("a token that the server gives is a key that it takes") {
  Router guarded = router({.key = Secret("k")});
  const http::Response granted = response(
      guarded,
      post_to("/token", "grant_type=client_credentials&client_id=sim-client&client_secret=k",
              {{"content-type", "application/x-www-form-urlencoded"}}));
  const std::string token = json::parse(granted.body)["access_token"];
  CHECK(std::holds_alternative<Answer>(
      guarded.decide(chat({{"authorization", "Bearer " + token}}), WallTime()).action));
}

TEST_CASE("the id of a request is in the header of the API if it has one") {
  Router plain = router();
  const auto headers = [&](const char* path) {
    return response(plain, post_to(path, "x")).headers;
  };
  CHECK(headers("/v1/responses").back().first == "x-request-id");
  CHECK(headers("/v1/messages").back().first == "request-id");
  CHECK(headers("/api/chat").empty());
  CHECK(headers("/v1beta/models/g:generateContent").empty());
}

TEST_CASE("each response has a request id of its own") {
  Router plain = router();
  const auto id = [&](const http::Request& request) {
    Decision decision = plain.decide(request, WallTime());
    const auto& headers = std::holds_alternative<Answer>(decision.action)
                              ? std::get<Answer>(decision.action).headers
                              : std::get<http::Response>(decision.action).headers;
    CHECK(headers.back().first == "x-request-id");
    return headers.back().second;
  };
  const std::string first = id(chat());
  CHECK(first.starts_with("req_"));
  CHECK(first != id(chat()));
  CHECK(first != id(get("/healthz")));
  // The same seed gives the same again.
  Router again = router();
  Decision decision = again.decide(chat(), WallTime());
  CHECK(std::get<Answer>(decision.action).headers.back().second == first);
}

TEST_CASE("a bad request is refused in the shape of the API") {
  Router plain = router();
  http::Request request = chat();
  request.body = "{}";
  const http::Response refused = response(plain, request);
  CHECK(refused.status == 400);
  CHECK(json::parse(refused.body)["error"]["type"] == "invalid_request_error");
  request.headers = {{"x-sim-dialect", "tgi"}};
  CHECK(response(plain, request).status == 422);
  CHECK(json::parse(response(plain, request).body)["error_type"] == "validation");
}

TEST_CASE("a header overrides the default of the server and a bad one is refused") {
  Router strict = router({.behaviour = {.output_tokens = 9}});
  CHECK(error_of(response(strict, chat({{"x-sim-itl", "soon"}}))).starts_with("x-sim-itl: "));
  CHECK(error_of(response(strict, chat({{"x-sim-nothing", "1"}}))).find("x-sim-nothing") !=
        std::string::npos);
  Decision decision = strict.decide(chat({{"x-sim-output-tokens", "1"}}), WallTime());
  Frames frames;
  CHECK(std::get<Answer>(decision.action).generation->step(frames) == Generation::Next::end);
}

TEST_CASE("a fault that takes the place of the answer does not look at the request") {
  Router plain = router();
  http::Request request = chat({{"x-sim-fault", "status_503"}});
  request.body = "not JSON";
  const Decision decision = plain.decide(request, WallTime());
  CHECK(decision.fault == Fault::status_503);
  CHECK(std::get<http::Response>(decision.action).status == 503);
}

TEST_CASE("a fault of streams is refused for an answer that is not streamed if it was asked for") {
  Router plain = router();
  const http::Response refused = response(plain, chat({{"x-sim-fault", "stall"}}, false));
  CHECK(refused.status == 400);
  CHECK(error_of(refused).find("stall needs a streamed answer") != std::string::npos);
}

TEST_CASE("a fault of streams that was drawn passes over an answer that is not streamed") {
  Router faulty = router({.behaviour = {.fault_rates = {{Fault::stall, 1}}}});
  const Decision whole = faulty.decide(chat({}, false), WallTime());
  CHECK(!whole.fault);
  CHECK(std::holds_alternative<Answer>(whole.action));
  CHECK(faulty.decide(chat(), WallTime()).fault == Fault::stall);
}

TEST_CASE("faults happen at the rate of the server and a request may ask for another") {
  Router faulty = router({.behaviour = {.fault_rates = {{Fault::status_500, 0.2}}}});
  int struck = 0;
  int overridden = 0;
  for (int i = 0; i < 5000; ++i) {
    struck += faulty.decide(chat(), WallTime()).fault == Fault::status_500 ? 1 : 0;
    overridden += faulty.decide(chat({{"x-sim-fault-rate", ""}}), WallTime()).fault ? 1 : 0;
  }
  CHECK(struck == doctest::Approx(1000).epsilon(0.1));
  CHECK(overridden == 0);
}

TEST_CASE("bytes that are no request get an error of the API") {
  const http::Response refused = Router::refuse({.status = 431, .message = "too long"});
  CHECK(refused.status == 431);
  CHECK(error_of(refused) == "too long");
}

}  // namespace inferometer::sim::router_test
