#include "protocol/answer/api_error_cases.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <string_view>

// The vendors' error bodies, after what they document and what their servers were seen to send.

using namespace inferometer::protocol;
using inferometer::measure::Outcome;
using inferometer::measure::to_string;

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
      {500, R"({"error":"server busy, please try again.  maximum pending requests exceeded"})",
       Outcome::overloaded},
      {400, R"({"error":"the prompt is longer than the context length currently available"})",
       Outcome::context_length},
      {404, R"({"error":"model 'x' not found"})", Outcome::client_error},
      {401, R"({"error":"unauthorized","signin_url":"https://ollama.com"})", Outcome::auth_error},
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

TEST_CASE("api errors: the bodies of Anthropic") {
  check_all({
      {400,
       R"({"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 210000 tokens > 200000 maximum"},"request_id":"req_1"})",
       Outcome::context_length},
      {400,
       R"({"type":"error","error":{"type":"invalid_request_error","message":"input length and `max_tokens` exceed context limit: 9 + 5 > 10"}})",
       Outcome::context_length},
      {400,
       R"({"type":"error","error":{"type":"invalid_request_error","message":"max_tokens: required"}})",
       Outcome::client_error},
      {401,
       R"({"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}})",
       Outcome::auth_error},
      {402, R"({"type":"error","error":{"type":"billing_error","message":"x"}})",
       Outcome::quota_exhausted},
      {403, R"({"type":"error","error":{"type":"permission_error","message":"x"}})",
       Outcome::auth_error},
      {404, R"({"type":"error","error":{"type":"not_found_error","message":"model: claude-x"}})",
       Outcome::client_error},
      {413, R"({"type":"error","error":{"type":"request_too_large","message":"x"}})",
       Outcome::client_error},
      {429, R"({"type":"error","error":{"type":"rate_limit_error","message":"x"}})",
       Outcome::rate_limited},
      {500, R"({"type":"error","error":{"type":"api_error","message":"x"}})",
       Outcome::server_error},
      {504, R"({"type":"error","error":{"type":"timeout_error","message":"x"}})",
       Outcome::server_error},
      {529, R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})",
       Outcome::overloaded},
  });
}

TEST_CASE("api errors: the bodies of Gemini and Vertex") {
  check_all({
      {400,
       R"({"error":{"code":400,"message":"The input token count (9) exceeds the maximum number of tokens allowed (5).","status":"INVALID_ARGUMENT"}})",
       Outcome::context_length},
      {400,
       R"({"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID","domain":"googleapis.com"}]}})",
       Outcome::auth_error},
      {400, R"({"error":{"code":400,"message":"x","status":"FAILED_PRECONDITION"}})",
       Outcome::client_error},
      {401, R"({"error":{"code":401,"message":"x","status":"UNAUTHENTICATED"}})",
       Outcome::auth_error},
      {403, R"({"error":{"code":403,"message":"x","status":"PERMISSION_DENIED"}})",
       Outcome::auth_error},
      {404, R"([{"error":{"code":404,"message":"x","status":"NOT_FOUND"}}])",
       Outcome::client_error},
      {429, R"([{"error":{"code":429,"message":"x","status":"RESOURCE_EXHAUSTED"}}])",
       Outcome::rate_limited},
      {429,
       R"({"error":{"code":429,"message":"x","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":"GenerateRequestsPerMinutePerProjectPerModel"}]}]}})",
       Outcome::rate_limited},
      {429,
       R"({"error":{"code":429,"message":"x","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":"GenerateRequestsPerMinutePerProjectPerModel"},{"quotaId":"GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]}]}})",
       Outcome::quota_exhausted},
      {499, R"({"error":{"code":499,"message":"x","status":"CANCELLED"}})", Outcome::client_error},
      {500, R"({"error":{"code":500,"message":"x","status":"INTERNAL"}})", Outcome::server_error},
      {503,
       R"([{"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}}])",
       Outcome::overloaded},
      {504, R"({"error":{"code":504,"message":"x","status":"DEADLINE_EXCEEDED"}})",
       Outcome::server_error},
  });
}

TEST_CASE("api errors: the delay that Gemini asks for is taken from the details") {
  const auto retry_after = [](std::string_view details) {
    const std::string body =
        R"([{"error":{"code":429,"message":"x","details":)" + std::string(details) + "}}]";
    return classified(429, body).retry_after;
  };
  CHECK(retry_after(R"([{"reason":"x"},{"retryDelay":"37s"}])") == std::chrono::seconds(37));
  CHECK(retry_after(R"([{"retryDelay":"1.5s"}])") == std::chrono::milliseconds(1500));
  for (const std::string_view details :
       {"null", "7", "[]", "[7]", R"([{"retryDelay":37}])", R"([{"retryDelay":"37"}])",
        R"([{"retryDelay":"s"}])", R"([{"retryDelay":"-1s"}])", R"([{"retryDelay":"1ms"}])",
        R"([{"violations":7}])", R"([{"violations":[7,{"quotaId":7}],"reason":7}])"}) {
    CAPTURE(details);
    CHECK_FALSE(retry_after(details));
  }
  const auto in_stream =
      classify_body_error(R"({"error":{"code":429,"details":[{"retryDelay":"2s"}]}})");
  REQUIRE(in_stream);
  CHECK(in_stream->retry_after == std::chrono::seconds(2));
}

TEST_CASE("api errors: Bedrock names the exception in a header or in the body") {
  struct Exception {
    int status;
    std::string_view name;
    Outcome outcome;
  };
  for (const Exception& one : {
           Exception{400, "ValidationException", Outcome::client_error},
           Exception{400, "ServiceQuotaExceededException", Outcome::quota_exhausted},
           Exception{403, "AccessDeniedException", Outcome::auth_error},
           Exception{404, "ResourceNotFoundException", Outcome::client_error},
           Exception{408, "ModelTimeoutException", Outcome::server_error},
           Exception{424, "ModelErrorException", Outcome::server_error},
           Exception{424, "ModelStreamErrorException", Outcome::server_error},
           Exception{429, "ThrottlingException", Outcome::rate_limited},
           Exception{429, "ModelNotReadyException", Outcome::overloaded},
           Exception{500, "InternalServerException", Outcome::server_error},
           Exception{503, "ServiceUnavailableException", Outcome::overloaded},
       }) {
    const std::string name(one.name);
    CAPTURE(name);
    const std::string message = "HTTP " + std::to_string(one.status) + ": boom";
    for (const ApiError& error :
         {classified(one.status, R"({"message":"boom"})", name),
          classified(one.status, R"({"message":"boom"})", name + ":http://internal.amazon.com/"),
          classified(one.status, R"({"message":"boom","__type":"com.amazon#)" + name + "\"}")}) {
      CHECK(to_string(error.outcome) == to_string(one.outcome));
      CHECK(error.message == message);
    }
  }
  CHECK(classified(400, R"({"message":"Input is too long for requested model."})",
                   "ValidationException")
            .outcome == Outcome::context_length);
  CHECK(classified(400, R"({"message":"x"})", "ThrottlingException").outcome ==
        Outcome::rate_limited);
  CHECK(classified(500, "", "ThrottlingException").message == "HTTP 500: ThrottlingException");
  CHECK(classified(403, R"({"__type":7,"message":7})", ":#:").outcome == Outcome::auth_error);
}

TEST_CASE("api errors: Bedrock names the exception in the stream") {
  const auto outcome = [](const char* name, const char* message) {
    ErrorFields fields;
    fields.type = name;
    fields.message = message;
    return classify_stream_error(fields).outcome;
  };
  CHECK(outcome("throttlingException", "Too many tokens, please wait before trying again.") ==
        Outcome::rate_limited);
  CHECK(outcome("validationException", "Input is too long for requested model") ==
        Outcome::context_length);
  CHECK(outcome("serviceUnavailableException", "x") == Outcome::overloaded);
  CHECK(outcome("modelTimeoutException", "x") == Outcome::stream_error);
  CHECK(outcome("internalServerException", "x") == Outcome::stream_error);
  CHECK(outcome("modelStreamErrorException", "x") == Outcome::stream_error);
}

TEST_CASE("api errors: what OpenRouter passes on from the provider behind it counts") {
  const ApiError error = classified(
      400,
      R"({"error":{"code":400,"message":"Provider returned error","metadata":{"provider_name":"x","raw":"{\"error\":{\"message\":\"This model's maximum context length is 8192 tokens\"}}"}}})");
  CHECK(error.outcome == Outcome::context_length);
  CHECK(error.message.starts_with("HTTP 400: Provider returned error: {"));
}

TEST_CASE("api errors: a filter is known by its code at any depth") {
  check_all({
      {400, R"({"error":{"message":"x","code":"content_filter"}})", Outcome::content_filtered},
      {400,
       R"({"error":{"message":"x","code":null,"innererror":{"code":"ResponsibleAIPolicyViolation"}}})",
       Outcome::content_filtered},
      {400, R"({"error":{"message":"x","code":null,"innererror":7}})", Outcome::client_error},
  });
}
