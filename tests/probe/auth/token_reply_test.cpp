#include "probe/auth/token.hpp"
#include "probe/auth/token_endpoint.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>

namespace inferometer::probe::auth {
namespace {

using transport::Ending;

const std::string k_prefix = "no token from \"https://login.example/token\": ";

std::string reply_problem(std::string_view body) {
  const auto token = parse_token(body);
  return token ? "none" : token.error().message;
}

std::string reply_with(std::string_view members) {
  return R"({"access_token":"t",)" + std::string(members) + "}";
}

/// Of a reply with this life, in seconds; 0 if it is refused.
double life_of(std::string_view life) {
  const auto token =
      parse_token(reply_with(R"("token_type":"bearer","expires_in":)" + std::string(life)));
  return token ? base::seconds(token->life) : 0;
}

struct Exchange {
  HeldTransport endpoint;
  int calls = 0;
  std::optional<TokenResult> result;

  Exchange() {
    TokenRequest request;
    request.request.url = "https://login.example/token";
    request.secrets = {base::Secret("client-secret"), base::Secret()};
    auto listener = make_token_listener(request, [this](std::optional<TokenResult> given) {
      ++calls;
      result = std::move(given);
    });
    endpoint.start(request.request, std::move(listener));
  }

  /// "outcome: message" of what went wrong.
  [[nodiscard]] std::string error() const {
    CHECK(calls == 1);
    REQUIRE(result);
    REQUIRE_FALSE(*result);
    const protocol::ApiError& error = result->error();
    REQUIRE(error.message.starts_with(k_prefix));
    return std::string(measure::to_string(error.outcome)) + ": " +
           error.message.substr(k_prefix.size());
  }
};

std::string error_of(int status, std::string_view body) {
  Exchange exchange;
  exchange.endpoint.answer(status, body);
  return exchange.error();
}

std::string error_of(Ending ending) {
  Exchange exchange;
  exchange.endpoint.fail_oldest(ending, "why");
  return exchange.error();
}

}  // namespace

TEST_CASE("token reply: a bearer token and its life are read") {
  const auto token = parse_token(
      R"({"access_token":"ya29.a-b_c","expires_in":3599,"token_type":"Bearer","scope":"x"})");
  REQUIRE(token);
  CHECK(token->value.reveal() == "ya29.a-b_c");
  CHECK(token->life == std::chrono::seconds(3599));
  CHECK(parse_token(reply_with(R"("token_type":"BEARER")")));
}

TEST_CASE("token reply: the life is a number or its text and an hour where it is missing") {
  CHECK(life_of("60") == 60);
  CHECK(life_of("60.5") == 60.5);
  CHECK(life_of("\"3600\"") == 3600);
  CHECK(life_of("null") == 3600);
  CHECK(life_of("1e300") == 366.0 * 24 * 3600);
  CHECK(base::seconds(parse_token(reply_with(R"("token_type":"bearer")"))->life) == 3600);
  for (const auto* life : {"0", "-5", "0.5", "\"\"", "\"x\"", "\"60 s\"", "\" 60\"", "\"inf\"",
                           "\"nan\"", "true", "[60]", "{}"}) {
    CAPTURE(life);
    CHECK(life_of(life) == 0);
  }
}

TEST_CASE("token reply: what is no bearer token is refused") {
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

TEST_CASE("token reply: a token that would break the header is refused") {
  for (const auto* token : {"a\\r\\nX: y", "a b", "a\\u0000", "a\\u00e9", "a\\u007f"}) {
    CAPTURE(token);
    CHECK(reply_problem(R"({"token_type":"bearer","access_token":")" + std::string(token) +
                        "\"}") == "the access_token has characters that no header can carry");
  }
}

TEST_CASE("token reply: the token is handed over at the end") {
  Exchange exchange;
  exchange.endpoint.grant("t", 60);
  CHECK(exchange.calls == 1);
  REQUIRE(exchange.result);
  REQUIRE(*exchange.result);
  CHECK((*exchange.result)->value.reveal() == "t");
}

TEST_CASE("token reply: a refusal is an auth_error with the server's reason") {
  CHECK(error_of(400, R"({"error":"invalid_grant","error_description":"Invalid JWT"})") ==
        "auth_error: HTTP 400: invalid_grant: Invalid JWT");
  CHECK(error_of(401, R"({"error":"invalid_client"})") == "auth_error: HTTP 401: invalid_client");
  CHECK(error_of(403, R"({"error":{"message":"Forbidden"}})") == "auth_error: HTTP 403: Forbidden");
  CHECK(error_of(404, "<html>") == "auth_error: HTTP 404");
  CHECK(error_of(200, R"({"error":"invalid_client"})") == "auth_error: invalid_client");
}

TEST_CASE("token reply: other statuses are what they are elsewhere") {
  CHECK(error_of(429, "") == "rate_limited: HTTP 429");
  CHECK(error_of(500, "{}") == "server_error: HTTP 500");
  CHECK(error_of(503, "") == "overloaded: HTTP 503");
  CHECK(error_of(204, "") == "protocol_error: HTTP 204");
  CHECK(error_of(302, "") == "protocol_error: HTTP 302, a redirect, which is not followed");
  CHECK(error_of(200, "x") == "protocol_error: the answer is not a JSON object");
}

TEST_CASE("token reply: errors show no secret and are of a bearable length") {
  CHECK(error_of(400, R"({"error":"bad","error_description":"not client-secret"})") ==
        "auth_error: HTTP 400: bad: not <secret>");
  CHECK(error_of(400, R"({"error":")" + std::string(60'000, 'x') + "\"}").size() < 400);
  CHECK(error_of(200, R"({"access_token":"very-secret","token_type":"x"})").find("very-secret") ==
        std::string::npos);
}

TEST_CASE("token reply: an answer that is too long is cut off") {
  CHECK(error_of(200, std::string(70'000, ' ')) ==
        "protocol_error: an answer of more than 65536 bytes");
}

TEST_CASE("token reply: failures of the network keep their names") {
  CHECK(error_of(Ending::dns_error) == "dns_error: why");
  CHECK(error_of(Ending::connect_error) == "connect_error: why");
  CHECK(error_of(Ending::tls_error) == "tls_error: why");
  CHECK(error_of(Ending::lost) == "connection_lost: why");
  CHECK(error_of(Ending::protocol_error) == "protocol_error: why");
  CHECK(error_of(Ending::internal_error) == "internal_error: why");
}

TEST_CASE("token reply: an endpoint that does not answer is given up") {
  for (const bool connected : {false, true}) {
    Exchange exchange;
    exchange.endpoint.time_out_oldest(connected);
    CHECK(exchange.error() == (connected ? "total_timeout: no answer within 30 s"
                                         : "connect_timeout: no answer within 30 s"));
  }
}

TEST_CASE("token reply: what our own shutdown cuts has no result") {
  Exchange exchange;
  exchange.endpoint.stop();
  CHECK(exchange.calls == 1);
  CHECK_FALSE(exchange.result);
}

}  // namespace inferometer::probe::auth
