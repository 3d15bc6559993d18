#include "probe/auth/oauth2_token.hpp"

#include <doctest/doctest.h>

#include <string>
#include <variant>

namespace inferometer::probe::auth {
namespace {

constexpr base::WallTime k_asked{std::chrono::seconds(1'767'225'600)};  // 2026-01-01

std::string reply_problem(std::string_view body) {
  const auto token = parse_token(body, k_asked);
  return token ? "none" : token.error().message;
}

std::string reply_with(std::string_view members) {
  return R"({"access_token":"t",)" + std::string(members) + "}";
}

/// Of a reply with this life, in seconds; 0 if it is refused.
double life_of(std::string_view life) {
  const auto token = parse_token(
      reply_with(R"("token_type":"bearer","expires_in":)" + std::string(life)), k_asked);
  return token ? base::seconds(token->life) : 0;
}

}  // namespace

TEST_CASE("oauth2 token: a bearer token and its life are read") {
  const auto token = parse_token(
      R"({"access_token":"ya29.a-b_c","expires_in":3599,"token_type":"Bearer","scope":"x"})",
      k_asked);
  REQUIRE(token);
  CHECK(std::get<base::Secret>(token->value).reveal() == "ya29.a-b_c");
  CHECK(token->life == std::chrono::seconds(3599));
  CHECK(parse_token(reply_with(R"("token_type":"BEARER")"), k_asked));
}

TEST_CASE("oauth2 token: the life is a number or its text and an hour where it is missing") {
  CHECK(life_of("60") == 60);
  CHECK(life_of("60.5") == 60.5);
  CHECK(life_of("\"3600\"") == 3600);
  CHECK(life_of("null") == 3600);
  CHECK(life_of("1e300") == 366.0 * 24 * 3600);
  CHECK(base::seconds(parse_token(reply_with(R"("token_type":"bearer")"), k_asked)->life) == 3600);
  for (const auto* life : {"0", "-5", "0.5", "\"\"", "\"x\"", "\"60 s\"", "\" 60\"", "\"inf\"",
                           "\"nan\"", "true", "[60]", "{}"}) {
    CAPTURE(life);
    CHECK(life_of(life) == 0);
  }
}

TEST_CASE("oauth2 token: what is no bearer token is refused") {
  CHECK(reply_problem("") == "the answer is not a JSON object");
  CHECK(reply_problem("<html>") == "the answer is not a JSON object");
  CHECK(reply_problem("[]") == "the answer is not a JSON object");
  CHECK(reply_problem("{}") == "the answer has no access_token");
  CHECK(reply_problem(R"({"access_token":""})") == "the answer has no access_token");
  CHECK(reply_problem(R"({"access_token":3})") == "the answer has no access_token");
  CHECK(reply_problem(reply_with(R"("expires_in":60)")) == "the token_type is not Bearer");
  CHECK(reply_problem(reply_with(R"("token_type":"mac")")) == "the token_type is not Bearer");
  CHECK(reply_problem(reply_with(R"("token_type":3)")) == "the token_type is not Bearer");
}

TEST_CASE("oauth2 token: a token that would break the header is refused") {
  for (const auto* token : {"a\\r\\nX: y", "a b", "a\\u0000", "a\\u00e9", "a\\u007f"}) {
    CAPTURE(token);
    CHECK(reply_problem(R"({"token_type":"bearer","access_token":")" + std::string(token) +
                        "\"}") == "the access_token has characters that no header can carry");
  }
}

TEST_CASE("oauth2 token: the life may be the time until it expires where no life is given") {
  const auto life_with = [](std::string_view members) {
    const auto token = parse_token(reply_with(members), k_asked);
    return token ? base::seconds(token->life) : 0;
  };
  CHECK(life_with(R"("token_type":"Bearer","expires_on":"1767229200")") == 3600);
  CHECK(life_with(R"("token_type":"Bearer","expires_on":1767229200)") == 3600);
  CHECK(life_with(R"("token_type":"Bearer","expires_in":"60","expires_on":"1767229200")") == 60);
  for (const char* on :
       {"1767225600", "1767225599", "0", "\"\"", "\"2026-01-01T01:00:00Z\"", "true"}) {
    CAPTURE(on);
    CHECK(life_with(R"("token_type":"Bearer","expires_on":)" + std::string(on)) == 0);
  }
}

TEST_CASE("oauth2 token: a time of expiry must lie ahead") {
  CHECK(life_until("2026-01-01T01:00:00Z", k_asked).value() == std::chrono::hours(1));
  CHECK(life_until("2026-01-01T02:00:00+01:00", k_asked).value() == std::chrono::hours(1));
  CHECK(life_until("2199-01-01T00:00:00Z", k_asked).value() == std::chrono::hours(366 * 24));
  for (const char* text : {"", "x", "1767229200", "2026-01-01T00:00:00Z", "2025-12-31T23:00:00Z"}) {
    CAPTURE(text);
    CHECK_FALSE(life_until(text, k_asked));
  }
}

}  // namespace inferometer::probe::auth
