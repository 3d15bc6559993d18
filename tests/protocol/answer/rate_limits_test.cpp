#include "protocol/answer/rate_limits.hpp"

#include "protocol/answer/timestamps.hpp"

#include <doctest/doctest.h>

namespace inferometer::protocol {
namespace {

using measure::RateLimit;
using measure::RateLimitResource;
using namespace std::chrono_literals;

// 2025-01-01T00:00:00Z
constexpr base::WallTime k_now{std::chrono::seconds(1'735'689'600)};

std::optional<base::Duration> retry_after(const std::vector<Header>& headers) {
  return read_retry_after(headers, k_now);
}

std::optional<base::Duration> reset_of(std::string value) {
  const std::vector<Header> headers{{"x-ratelimit-limit-requests", "60"},
                                    {"x-ratelimit-reset-requests", std::move(value)}};
  return read_rate_limits(headers, k_now).at(0).reset;
}

}  // namespace

TEST_CASE("rate limits: the headers of OpenAI and its imitators give requests and tokens") {
  const std::vector<Header> headers{
      {"x-ratelimit-limit-requests", "5000"},       {"x-ratelimit-limit-tokens", "2000000"},
      {"x-ratelimit-remaining-requests", "4999"},   {"x-ratelimit-remaining-tokens", "1999000"},
      {"x-ratelimit-reset-requests", "12ms"},       {"x-ratelimit-reset-tokens", "6m0s"},
      {"x-ratelimit-limit-tokens_usage_based", "1"}};
  CHECK(read_rate_limits(headers, k_now) ==
        std::vector<RateLimit>{{RateLimitResource::requests, 5000, 4999, 12ms},
                               {RateLimitResource::tokens, 2'000'000, 1'999'000, 6min}});
}

TEST_CASE("rate limits: the headers of Anthropic give four resources and those of its tier") {
  const std::vector<Header> headers{
      {"anthropic-ratelimit-requests-limit", "50"},
      {"anthropic-ratelimit-requests-remaining", "49"},
      {"anthropic-ratelimit-requests-reset", "2025-01-01T00:00:30Z"},
      {"anthropic-ratelimit-tokens-limit", "90000"},
      {"anthropic-ratelimit-input-tokens-limit", "80000"},
      {"anthropic-ratelimit-input-tokens-remaining", "79000"},
      {"anthropic-ratelimit-output-tokens-limit", "16000"},
      {"anthropic-ratelimit-output-tokens-reset", "2024-12-31T23:59:00Z"},
      {"anthropic-priority-input-tokens-limit", "7"},
      {"anthropic-fast-input-tokens-limit", "8"}};
  CHECK(read_rate_limits(headers, k_now) ==
        std::vector<RateLimit>{{RateLimitResource::requests, 50, 49, 30s},
                               {RateLimitResource::tokens, 90'000, {}, {}},
                               {RateLimitResource::input_tokens, 80'000, 79'000, {}},
                               {RateLimitResource::output_tokens, 16'000, {}, {}},
                               {RateLimitResource::priority_input_tokens, 7, {}, {}}});
}

TEST_CASE("rate limits: headers without a resource are requests or those of Together tokens") {
  const std::vector<Header> headers{{"x-ratelimit-limit", "20"},
                                    {"x-ratelimit-remaining", "19"},
                                    {"x-ratelimit-reset", "1735689660000"},
                                    {"x-tokenlimit-limit", "1000"},
                                    {"x-tokenlimit-remaining", "900"}};
  CHECK(read_rate_limits(headers, k_now) ==
        std::vector<RateLimit>{{RateLimitResource::requests, 20, 19, 60s},
                               {RateLimitResource::tokens, 1000, 900, {}}});
}

TEST_CASE("rate limits: what vendors write for unknown is left out") {
  const std::vector<Header> headers{{"x-ratelimit-limit-requests", "-1"},
                                    {"x-ratelimit-remaining-requests", "-1"},
                                    {"x-ratelimit-limit-tokens", "0"},
                                    {"x-ratelimit-remaining-tokens", "0"}};
  CHECK(read_rate_limits(headers, k_now).empty());
  CHECK(read_rate_limits({}, k_now).empty());
  CHECK(read_rate_limits({{"x-ratelimit-limit-requests", "many"}}, k_now).empty());
  CHECK(read_rate_limits({{"x-ratelimit-", "5"}, {"anthropic-ratelimit-", "5"}}, k_now).empty());
}

TEST_CASE("rate limits: nothing left to ask for is a figure and no unknown one") {
  const std::vector<Header> headers{{"x-ratelimit-limit-requests", "60"},
                                    {"x-ratelimit-remaining-requests", "0"}};
  CHECK(read_rate_limits(headers, k_now) ==
        std::vector<RateLimit>{{RateLimitResource::requests, 60, 0, {}}});
}

TEST_CASE("rate limits: a reset is read in every spelling and never negative") {
  CHECK(reset_of("1s") == 1s);
  CHECK(reset_of("8.64s") == 8640ms);
  CHECK(reset_of("1h2m3s") == 3723s);
  CHECK(reset_of("2m59.56s") == 179'560ms);
  CHECK(reset_of("30") == 30s);
  CHECK(reset_of("1735689610") == 10s);
  CHECK(reset_of("1735689610500") == 10'500ms);
  CHECK_FALSE(reset_of("1735689590"));
  CHECK_FALSE(reset_of("-5"));
  CHECK_FALSE(reset_of(""));
  CHECK_FALSE(reset_of("soon"));
  CHECK_FALSE(reset_of("99999999999999999999"));
  CHECK_FALSE(reset_of("nan"));
}

TEST_CASE("retry after: milliseconds win over seconds and seconds over nothing") {
  CHECK(retry_after({{"retry-after-ms", "1500"}, {"retry-after", "9"}}) == 1500ms);
  CHECK(retry_after({{"retry-after-ms", "0.5"}}) == 500us);
  CHECK(retry_after({{"retry-after", "2"}}) == 2s);
  CHECK(retry_after({{"retry-after", "1.5"}}) == 1500ms);
  CHECK_FALSE(retry_after({}));
}

TEST_CASE("retry after: a date is measured from the clock of the response's arrival") {
  CHECK(retry_after({{"retry-after", "Wed, 01 Jan 2025 00:00:20 GMT"}}) == 20s);
  CHECK_FALSE(retry_after({{"retry-after", "Tue, 31 Dec 2024 23:59:59 GMT"}}));
}

TEST_CASE("retry after: nonsense is no delay and an eternity is a day") {
  for (const char* value : {"", "0", "-1", "soon", "1e400", "inf", "Wed, 01 Jan 2025 00:00:20"}) {
    CAPTURE(value);
    CHECK_FALSE(retry_after({{"retry-after", value}}));
  }
  CHECK(retry_after({{"retry-after", "999999999"}}) == 24h);
  CHECK(retry_after({{"retry-after-ms", "broken"}, {"retry-after", "3"}}) == 3s);
}

TEST_CASE("timestamps: RFC 3339 with fractions and offsets is one instant") {
  CHECK(parse_rfc3339("2025-01-01T00:00:00Z") == k_now);
  CHECK(parse_rfc3339("2025-01-01T00:00:00.250Z") == k_now + 250ms);
  CHECK(parse_rfc3339("2025-01-01T02:00:00+02:00") == k_now);
  CHECK(parse_rfc3339("2024-12-31T18:30:00-05:30") == k_now);
  for (const char* text : {"2025-01-01T00:00:00", "2025-01-01 00:00:00Z", "2025-13-01T00:00:00Z",
                           "2025-01-01T00:00:00+2", "9999-01-01T00:00:00Z", ""}) {
    CAPTURE(text);
    CHECK_FALSE(parse_rfc3339(text));
  }
}

TEST_CASE("timestamps: only the fixed form of dates that HTTP asks for is taken") {
  CHECK(parse_http_date("Wed, 01 Jan 2025 00:00:00 GMT") == k_now);
  for (const char* text : {"Wed, 01 Jan 2025 00:00:00", "01 Jan 2025 00:00:00 GMT",
                           "Wed, 01 Jan 2025 00:00:00 CET", "yesterday"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_http_date(text));
  }
  CHECK_FALSE(parse_http_date(std::string(1000, ' ')));
}

TEST_CASE("request id: the provider's own name of the request is found and bounded") {
  CHECK(read_request_id({{"request-id", "req_1"}}) == "req_1");
  CHECK(read_request_id({{"apim-request-id", "a"}, {"x-request-id", "b"}}) == "b");
  CHECK(read_request_id({{"x-request-id", std::string(1000, 'x')}}).size() == 128);
  CHECK(read_request_id({}).empty());
}

}  // namespace inferometer::protocol
