#include "sim/api/format_driver.hpp"
#include "sim/decision.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace inferometer::sim::token_endpoint_test {
using namespace inferometer::sim::testing;
using inferometer::base::Secret;
using nlohmann::json;

namespace {

constexpr std::string_view k_jwt_grant =
    "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=";

http::Response ask(std::string_view form, std::string_view key = "s3cret+") {
  return issue_token(
      post_to("/token", form, {{"content-type", "application/x-www-form-urlencoded"}}),
      Secret(std::string(key)));
}

std::string error_of(const http::Response& response) {
  return json::parse(response.body)["error"];
}

http::Response by_assertion(std::string_view jwt) {
  return ask(std::string(k_jwt_grant) + std::string(jwt));
}

}  // namespace

TEST_CASE("the key is granted to the client that has it") {
  const http::Response granted =
      ask("grant_type=client_credentials&client_id=sim-client&client_secret=s3cret%2B&scope=a+b");
  CHECK(granted.status == 200);
  CHECK(granted.body == R"({"access_token":"s3cret+","expires_in":3600,"token_type":"Bearer"})");
}

TEST_CASE("an unknown client or a wrong secret is refused without a word of the key") {
  for (const char* form :
       {"grant_type=client_credentials", "grant_type=client_credentials&client_id=sim-client",
        "grant_type=client_credentials&client_id=sim-client&client_secret=s3cret+",
        "grant_type=client_credentials&client_id=other&client_secret=s3cret%2B",
        "grant_type=client_credentials&client_id=sim-client&client_secret=%zz"}) {
    CAPTURE(form);
    const http::Response refused = ask(form);
    CHECK(refused.status == 401);
    CHECK(error_of(refused) == "invalid_client");
    CHECK(refused.body.find("s3cret") == std::string::npos);
  }
}

TEST_CASE("a server without a key takes any secret of the client it knows") {
  const http::Response granted = ask("grant_type=client_credentials&client_id=sim-client", "");
  CHECK(json::parse(granted.body)["access_token"] == "sim-token");
}

TEST_CASE("the key is granted for an assertion of three parts") {
  CHECK(by_assertion("eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2ln").status == 200);
  for (const char* jwt : {"", "a", "YQ.YQ", "YQ.YQ.YQ.YQ", "YQ..YQ", "YQ.YQ.", ".YQ.YQ", "YQ.Y.YQ",
                          "YQ.Y%2B.YQ", "YQ.YQ%3D%3D.YQ"}) {
    CAPTURE(jwt);
    const http::Response refused = by_assertion(jwt);
    CHECK(refused.status == 400);
    CHECK(error_of(refused) == "invalid_grant");
  }
}

TEST_CASE("any other grant and any body that is no form is refused") {
  CHECK(error_of(ask("")) == "unsupported_grant_type");
  CHECK(error_of(ask("grant_type=password")) == "unsupported_grant_type");
  CHECK(error_of(ask("grant_type_=client_credentials")) == "unsupported_grant_type");
  CHECK(error_of(issue_token(post_to("/token", "grant_type=client_credentials"), Secret())) ==
        "invalid_request");
}

}  // namespace inferometer::sim::token_endpoint_test
