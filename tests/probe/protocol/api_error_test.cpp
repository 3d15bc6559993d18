#include "probe/protocol/api_error.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

using namespace inferometer::probe::protocol;
using inferometer::measure::Outcome;
using inferometer::measure::to_string;

namespace {

ApiError classified(int status, std::string_view body) {
  return classify_response({.status = status, .error_type = "", .body = body});
}

struct Case {
  int status;
  std::string_view body;
  Outcome outcome;
};

template <std::size_t Size>
void check_all(const Case (&cases)[Size]) {
  for (const Case& one : cases) {
    CAPTURE(one.status);
    CAPTURE(one.body);
    const ApiError error = classified(one.status, one.body);
    CHECK(to_string(error.outcome) == to_string(one.outcome));
    CHECK(error.message.starts_with("HTTP " + std::to_string(one.status) + ": "));
    CHECK(error.message.size() < 400);
  }
}

Outcome outcome_of(const ErrorFields& fields) {
  return classify(fields);
}

}  // namespace

TEST_CASE("api errors: the bodies of OpenAI and Azure") {
  check_all({
      {400,
       R"({"error":{"message":"This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}})",
       Outcome::context_length},
      {400,
       R"({"error":{"message":"too long","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}})",
       Outcome::context_length},
      {400,
       R"({"error":{"message":"Unsupported parameter: 'max_tokens'","type":"invalid_request_error","param":"max_tokens","code":"unsupported_parameter"}})",
       Outcome::client_error},
      {401,
       R"({"error":{"message":"Incorrect API key provided","type":"invalid_request_error","param":null,"code":"invalid_api_key"}})",
       Outcome::auth_error},
      {403,
       R"({"error":{"message":"Country, region, or territory not supported","type":"request_forbidden","param":null,"code":"unsupported_country_region_territory"}})",
       Outcome::auth_error},
      {404,
       R"({"error":{"message":"The model `x` does not exist","type":"invalid_request_error","param":null,"code":"model_not_found"}})",
       Outcome::client_error},
      {409, R"({"error":{"message":"conflict","type":"x","param":null,"code":null}})",
       Outcome::client_error},
      {429,
       R"({"error":{"message":"Rate limit reached for gpt-4o","type":"tokens","param":null,"code":"rate_limit_exceeded"}})",
       Outcome::rate_limited},
      {429,
       R"({"error":{"message":"You exceeded your current quota","type":"insufficient_quota","param":null,"code":"insufficient_quota"}})",
       Outcome::quota_exhausted},
      {429, R"({"error":{"message":"x","type":"billing","code":"credit_balance_exhausted"}})",
       Outcome::quota_exhausted},
      {500, R"({"error":{"message":"The server had an error","type":"server_error","code":null}})",
       Outcome::server_error},
      {503, R"({"error":{"message":"Slow Down","type":"server_error","code":"slow_down"}})",
       Outcome::overloaded},
      {429,
       R"({"error":{"code":"429","message":"Requests have exceeded call rate limit. Please retry after 6 seconds."}})",
       Outcome::rate_limited},
      {400,
       R"({"error":{"message":"The response was filtered","param":"prompt","code":"content_filter","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation"}}})",
       Outcome::content_filtered},
  });
}

TEST_CASE("api errors: the bodies of vLLM and SGLang") {
  check_all({
      {400,
       R"({"error":{"message":"This model's maximum context length is 4096 tokens. However, you requested 5000 tokens.","type":"BadRequestError","param":null,"code":400}})",
       Outcome::context_length},
      {400,
       R"({"object":"error","message":"This model's maximum context length is 4096 tokens.","type":"BadRequestError","param":null,"code":400})",
       Outcome::context_length},
      {404,
       R"({"error":{"message":"The model `x` does not exist.","type":"NotFoundError","param":null,"code":404}})",
       Outcome::client_error},
      {500, R"({"object":"error","message":"x","type":"InternalServerError","code":500})",
       Outcome::server_error},
      {401, R"({"error":"Unauthorized"})", Outcome::auth_error},
      {503, R"({"error":{"message":"queue full","type":"ServiceUnavailable","code":503}})",
       Outcome::overloaded},
      {400,
       R"({"object":"error","message":"The input (9000 tokens) is longer than the model's context length (4096 tokens).","type":"BadRequestError","param":null,"code":400})",
       Outcome::context_length},
      {400,
       R"({"object":"error","message":"Requested token count exceeds the model's maximum context length of 4096 tokens.","type":"BadRequestError","code":400})",
       Outcome::context_length},
  });
}

TEST_CASE("api errors: the bodies of TGI and llama.cpp and Ollama") {
  check_all({
      {422,
       R"({"error":"Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000","error_type":"validation"})",
       Outcome::context_length},
      {422,
       R"({"error":"Input validation error: `inputs` must have less than 4095 tokens. Given: 5000","error_type":"validation"})",
       Outcome::context_length},
      {422, R"({"error":"Template error: x","error_type":"template_error"})",
       Outcome::client_error},
      {424, R"({"error":"Request failed during generation","error_type":"generation"})",
       Outcome::server_error},
      {429, R"({"error":"Model is overloaded","error_type":"overloaded"})", Outcome::overloaded},
      {500, R"({"error":"Incomplete generation","error_type":"incomplete_generation"})",
       Outcome::server_error},
      {400,
       R"({"error":{"code":400,"message":"request (9000 tokens) exceeds the available context size (4096 tokens), try increasing it","type":"exceed_context_size_error","n_prompt_tokens":9000,"n_ctx":4096}})",
       Outcome::context_length},
      {400, R"({"error":{"code":400,"message":"x","type":"exceed_context_size_error"}})",
       Outcome::context_length},
      {401, R"({"error":{"code":401,"message":"Invalid API Key","type":"authentication_error"}})",
       Outcome::auth_error},
      {403, R"({"error":{"code":403,"message":"x","type":"permission_error"}})",
       Outcome::auth_error},
      {404, R"({"error":{"code":404,"message":"File Not Found","type":"not_found_error"}})",
       Outcome::client_error},
      {501, R"({"error":{"code":501,"message":"x","type":"not_supported_error"}})",
       Outcome::server_error},
      {503, R"({"error":{"code":503,"message":"Loading model","type":"unavailable_error"}})",
       Outcome::overloaded},
      {400, R"({"error":"the input length exceeds the context length"})", Outcome::context_length},
      {503, R"({"error":"server busy, please try again.  maximum pending requests exceeded"})",
       Outcome::overloaded},
  });
}

TEST_CASE("api errors: the bodies of DeepSeek and OpenRouter and Groq and Together") {
  check_all({
      {402,
       R"({"error":{"message":"Insufficient Balance","type":"unknown_error","code":"invalid_request_error"}})",
       Outcome::quota_exhausted},
      {401,
       R"({"error":{"message":"Authentication Fails","type":"authentication_error","code":"invalid_request_error"}})",
       Outcome::auth_error},
      {422, R"({"error":{"message":"Invalid parameters","type":"invalid_request_error"}})",
       Outcome::client_error},
      {402, R"({"error":{"code":402,"message":"Insufficient credits"},"user_id":"u"})",
       Outcome::quota_exhausted},
      {408, R"({"error":{"code":408,"message":"Timed out"}})", Outcome::server_error},
      {429,
       R"({"error":{"code":429,"message":"Provider returned error","metadata":{"provider_name":"x","raw":"y"}},"user_id":"u"})",
       Outcome::rate_limited},
      {502, R"({"error":{"code":502,"message":"Upstream is down"}})", Outcome::server_error},
      {503, R"({"error":{"code":503,"message":"No provider"}})", Outcome::overloaded},
      {400,
       R"({"error":{"message":"Please reduce the length of the messages or completion.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}})",
       Outcome::context_length},
      {413,
       R"({"error":{"message":"Request too large. Please reduce the length of the messages.","type":"tokens"}})",
       Outcome::context_length},
      {413, R"({"error":{"message":"Request Entity Too Large"}})", Outcome::client_error},
      {498, R"({"error":{"message":"x","type":"x","code":"capacity_exceeded"}})",
       Outcome::overloaded},
      {403,
       R"({"error":{"message":"The input (9 tokens) is longer than the model's context length (4 tokens).","type":"invalid_request_error"}})",
       Outcome::context_length},
      {503, R"({"error":{"message":"x","type":"overloaded","param":null,"code":null}})",
       Outcome::overloaded},
      {504, R"({"error":{"message":"x","type":"timeout"}})", Outcome::server_error},
  });
}

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
  CHECK(classified(500, R"({"error":{"param":1}})").message == "HTTP 500: no message");
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
        R"({"error":false})", R"({"object":"chat.completion"})"}) {
    CAPTURE(body);
    CHECK_FALSE(classify_body_error(body));
  }
}

TEST_CASE("api errors: the fields of an error object may have any type") {
  const auto fields = error_fields(nlohmann::json::parse(
      R"({"error":{"message":["x"],"type":null,"code":9223372036854775807,"status":"503"}})"));
  REQUIRE(fields);
  CHECK(fields->message.empty());
  CHECK(fields->type.empty());
  CHECK(fields->code == "9223372036854775807");
  CHECK(fields->status == 503);
}
