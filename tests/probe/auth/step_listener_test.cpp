#include "probe/auth/held_transport.hpp"
#include "probe/auth/oauth2_token.hpp"
#include "probe/auth/step.hpp"

#include <doctest/doctest.h>

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace inferometer::probe::auth {
namespace {

using transport::Ending;

const std::string k_prefix = "no token from \"https://login.example/token\": ";

struct Exchange {
  HeldTransport endpoint;
  int calls = 0;
  std::optional<StepResult> result;

  Exchange() {
    static constexpr std::array k_hints{Hint{"invalid_scope", "ask for another"},
                                        Hint{"HTTP 404", "look elsewhere"}};
    Step step;
    step.shown = "https://login.example/token";
    step.secrets = {base::Secret("client-secret"), base::Secret()};
    step.read = read_token({});
    step.hints = k_hints;
    step.late_hint = "is it there?";
    auto listener = make_step_listener(std::move(step), [this](std::optional<StepResult> given) {
      ++calls;
      result = std::move(given);
    });
    endpoint.start({}, std::move(listener));
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

TEST_CASE("step listener: the token is handed over at the end") {
  Exchange exchange;
  exchange.endpoint.grant("t", 60);
  CHECK(exchange.calls == 1);
  REQUIRE(exchange.result);
  REQUIRE(*exchange.result);
  const auto* granted = std::get_if<Credential>(&**exchange.result);
  REQUIRE(granted != nullptr);
  CHECK(std::get<base::Secret>(granted->value).reveal() == "t");
}

TEST_CASE("step listener: a refusal is an auth_error with the server's reason") {
  CHECK(error_of(400, R"({"error":"invalid_grant","error_description":"Invalid JWT"})") ==
        "auth_error: HTTP 400: invalid_grant: Invalid JWT");
  CHECK(error_of(401, R"({"error":"invalid_client"})") == "auth_error: HTTP 401: invalid_client");
  CHECK(error_of(403, R"({"error":{"message":"Forbidden"}})") == "auth_error: HTTP 403: Forbidden");
  CHECK(error_of(404, "<html>") == "auth_error: HTTP 404: look elsewhere");
  CHECK(error_of(200, R"({"error":"invalid_client"})") == "auth_error: invalid_client");
}

TEST_CASE("step listener: each service's way of refusing is read") {
  CHECK(error_of(400,
                 "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n<Error>"
                 "<Type>Sender</Type><Code>InvalidIdentityToken</Code><Message>No OpenIDConnect "
                 "provider found</Message></Error><RequestId>r</RequestId></ErrorResponse>") ==
        "auth_error: HTTP 400: InvalidIdentityToken: No OpenIDConnect provider found");
  CHECK(error_of(400,
                 "<ErrorResponse><Error><Code>Throttling</Code><Message>Rate exceeded</Message>"
                 "</Error></ErrorResponse>") ==
        "rate_limited: HTTP 400: Throttling: Rate exceeded");
  CHECK(error_of(200, R"({"Code":"AssumeRoleUnauthorizedAccess","Message":"EC2 cannot"})") ==
        "auth_error: AssumeRoleUnauthorizedAccess: EC2 cannot");
  CHECK(error_of(200, R"({"Code":"Success"})") == "protocol_error: the answer has no access_token");
  CHECK(error_of(400, R"({"code":"InvalidRequest","message":"no such task"})") ==
        "auth_error: HTTP 400: InvalidRequest: no such task");
  CHECK(error_of(400, "Service account token cannot be empty\n") ==
        "auth_error: HTTP 400: Service account token cannot be empty");
  CHECK(
      error_of(403, R"({"error":{"code":403,"message":"denied","status":"PERMISSION_DENIED"}})") ==
      "auth_error: HTTP 403: PERMISSION_DENIED: denied");
}

TEST_CASE("step listener: what to do is told after all that the server said") {
  CHECK(error_of(400, R"({"error":"invalid_scope","error_description":"no"})") ==
        "auth_error: HTTP 400: invalid_scope: no: ask for another");
  const std::string longest = error_of(
      400, R"({"error":"invalid_scope","error_description":")" + std::string(9'000, 'x') + "\"}");
  CHECK(longest.ends_with("xxx: ask for another"));
}

TEST_CASE("step listener: other statuses are what they are elsewhere") {
  CHECK(error_of(429, "") == "rate_limited: HTTP 429");
  CHECK(error_of(500, "{}") == "server_error: HTTP 500");
  CHECK(error_of(503, "") == "overloaded: HTTP 503");
  CHECK(error_of(204, "") == "protocol_error: HTTP 204");
  CHECK(error_of(302, "") == "protocol_error: HTTP 302, a redirect, which is not followed");
  CHECK(error_of(200, "x") == "protocol_error: the answer is not a JSON object");
}

TEST_CASE("step listener: errors show no secret and are of a bearable length") {
  CHECK(error_of(400, R"({"error":"bad","error_description":"not client-secret"})") ==
        "auth_error: HTTP 400: bad: not <secret>");
  CHECK(error_of(400, R"({"error":")" + std::string(60'000, 'x') + "\"}").size() < 400);
  CHECK(error_of(200, R"({"access_token":"very-secret","token_type":"x"})").find("very-secret") ==
        std::string::npos);
}

TEST_CASE("step listener: an answer that is too long is cut off") {
  CHECK(error_of(200, std::string(70'000, ' ')) ==
        "protocol_error: an answer of more than 65536 bytes");
}

TEST_CASE("step listener: failures of the network keep their names") {
  CHECK(error_of(Ending::dns_error) == "dns_error: why");
  CHECK(error_of(Ending::connect_error) == "connect_error: why: is it there?");
  CHECK(error_of(Ending::tls_error) == "tls_error: why");
  CHECK(error_of(Ending::lost) == "connection_lost: why");
  CHECK(error_of(Ending::protocol_error) == "protocol_error: why");
  CHECK(error_of(Ending::internal_error) == "internal_error: why");
}

TEST_CASE("step listener: an endpoint that does not answer is given up") {
  for (const bool connected : {false, true}) {
    Exchange exchange;
    exchange.endpoint.time_out_oldest(connected);
    CHECK(exchange.error() == (connected ? "total_timeout: no answer within 30 s: is it there?"
                                         : "connect_timeout: no answer within 30 s: is it there?"));
  }
}

TEST_CASE("step listener: what our own shutdown cuts has no result") {
  Exchange exchange;
  exchange.endpoint.stop();
  CHECK(exchange.calls == 1);
  CHECK_FALSE(exchange.result);
}

}  // namespace inferometer::probe::auth
