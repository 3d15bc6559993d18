#include "protocol/answer/api_error_cases.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace inferometer::protocol;
using inferometer::measure::Outcome;

namespace {

Outcome outcome_of(const ErrorFields& fields) {
  return classify(fields);
}

}  // namespace

TEST_CASE("api errors: the status alone decides where the body names no class") {
  check_all({
      {400, "", Outcome::client_error},     {401, "", Outcome::auth_error},
      {402, "", Outcome::quota_exhausted},  {403, "", Outcome::auth_error},
      {404, "{}", Outcome::client_error},   {407, "", Outcome::connect_error},
      {408, "null", Outcome::server_error}, {409, "[]", Outcome::client_error},
      {413, "1", Outcome::client_error},    {422, "\"x\"", Outcome::client_error},
      {424, "x", Outcome::server_error},    {429, "", Outcome::rate_limited},
      {498, "", Outcome::overloaded},       {499, "", Outcome::client_error},
      {500, "", Outcome::server_error},     {502, "", Outcome::server_error},
      {503, "", Outcome::overloaded},       {504, "", Outcome::server_error},
      {529, "", Outcome::overloaded},       {599, "", Outcome::server_error},
  });
}

TEST_CASE("api errors: a throttle comes before a context overflow and before the status") {
  check_all({
      {429, R"({"error":{"message":"x","code":"context_length_exceeded"}})", Outcome::rate_limited},
      {400, R"({"message":"Too many tokens, please wait before trying again."})",
       Outcome::rate_limited},
      {400, R"({"error":{"message":"Too many tokens, please wait before trying again."}})",
       Outcome::rate_limited},
      {500, R"({"error":{"message":"x","type":"rate_limit_error"}})", Outcome::rate_limited},
      {500, R"({"error":{"message":"x","code":"RESOURCE_EXHAUSTED"}})", Outcome::rate_limited},
  });
}

TEST_CASE("api errors: types and codes decide whatever the status") {
  check_all({
      {400, R"({"type":"error","error":{"type":"billing_error","message":"x"}})",
       Outcome::quota_exhausted},
      {500, R"({"type":"error","error":{"type":"overloaded_error","message":"x"}})",
       Outcome::overloaded},
      {500, R"({"error":{"code":"UNAVAILABLE","message":"x"}})", Outcome::overloaded},
      {400, R"({"error":{"code":"API_KEY_INVALID","message":"x"}})", Outcome::auth_error},
      {500, R"({"error":{"type":"api_error","message":"x"}})", Outcome::server_error},
      {504, R"({"error":{"type":"timeout_error","message":"x"}})", Outcome::server_error},
  });
}

TEST_CASE("api errors: every text of a context overflow is known in any case") {
  for (const std::string_view text :
       {"MAXIMUM CONTEXT LENGTH", "context_length_exceeded", "prompt is too long: 9 tokens > 5",
        "is longer than the model's context length", "exceeds the available context size",
        "The input token count (9) exceeds the maximum number of tokens allowed (5).",
        "Input is too long for requested model",
        "input length and `max_tokens` exceed context limit", "exceeds the context length",
        "`max_new_tokens` must be <= 5", "Please reduce the length of the messages"}) {
    CAPTURE(text);
    for (const int status : {0, 400, 403, 413, 422}) {
      CHECK(outcome_of({.status = status, .type = {}, .code = {}, .message = std::string(text)}) ==
            Outcome::context_length);
    }
    for (const int status : {401, 404, 500}) {
      CHECK(outcome_of({.status = status, .type = {}, .code = {}, .message = std::string(text)}) !=
            Outcome::context_length);
    }
  }
  CHECK(outcome_of({.status = 400, .type = {}, .code = {}, .message = "max_new_tokens is bad"}) ==
        Outcome::client_error);
}

TEST_CASE("api errors: a body that is no JSON is quoted from its beginning") {
  const std::string page = "<html><head><title>502 Bad Gateway</title></head>\r\n<body>nginx";
  const ApiError error = classified(502, page);
  CHECK(error.outcome == Outcome::server_error);
  CHECK(error.message == "HTTP 502: " + page);
  CHECK(classified(502, std::string(100'000, 'x')).message == "HTTP 502: " + std::string(200, 'x'));
  CHECK(classified(503, "").message == "HTTP 503: no message");
  CHECK(classified(403, "{\"error\":").outcome == Outcome::auth_error);
  CHECK(classified(429, std::string("\0\xFF{", 3)).outcome == Outcome::rate_limited);
  CHECK(classified(404, R"({"detail":"Not Found"})").message ==
        R"(HTTP 404: {"detail":"Not Found"})");
  CHECK(classified(500, std::string(60'000, '[')).outcome == Outcome::server_error);
}

TEST_CASE("api errors: the type and the code stand in for a message that is missing") {
  CHECK(classified(500, R"({"error":{"type":"api_error","code":7}})").message ==
        "HTTP 500: api_error 7");
  CHECK(classified(500, R"({"error":{"param":1}})").message ==
        R"(HTTP 500: {"error":{"param":1}})");
  CHECK(classify_stream_error({.status = 0, .type = "boom", .code = {}, .message = {}}).message ==
        "error in the stream: boom");
  CHECK(classify_stream_error({}).message == "error in the stream: no message");
}

TEST_CASE("api errors: an error under status 200 is one of the stream") {
  const auto error = classify_body_error(R"({"error":{"message":"boom","code":500}})");
  REQUIRE(error);
  CHECK(error->outcome == Outcome::stream_error);
  CHECK(error->message == "error in the stream: boom");
  const auto limited = classify_body_error(R"({"error":{"message":"x","code":429}})");
  REQUIRE(limited);
  CHECK(limited->outcome == Outcome::rate_limited);
  for (const std::string_view body :
       {"", "<html>", "[]", "{}", R"({"choices":[]})", R"({"error":null})", R"({"error":{}})",
        R"({"error":false})", R"({"error":0})", R"({"error":[]})", R"([{"error":null}])",
        R"([[{"error":"x"}]])", R"({"message":"x"})", R"({"object":"chat.completion"})"}) {
    CAPTURE(body);
    CHECK_FALSE(classify_body_error(body));
  }
}

TEST_CASE("api errors: the fields of an error object may have any type") {
  const auto fields = error_fields(inferometer::wire::parse_json(
      R"({"error":{"message":["x"],"type":null,"code":9223372036854775807,"status":"503"}})"));
  REQUIRE(fields);
  CHECK(fields->message.empty());
  CHECK(fields->type.empty());
  CHECK(fields->code == "9223372036854775807");
  CHECK(fields->status == 503);
}
