#include "probe/auth/service/cloud_stand_in.hpp"
#include "probe/auth/service/external_account.hpp"

#include <nlohmann/json.hpp>

namespace inferometer::probe::auth {
namespace {

using nlohmann::json;

const std::string k_federated =
    R"({"access_token":"federated-token","issued_token_type":)"
    R"("urn:ietf:params:oauth:token-type:access_token","token_type":"Bearer","expires_in":3600})";

json external_account(const std::string& sts) {
  return {{"type", "external_account"},
          {"audience", "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p"},
          {"subject_token_type", "urn:ietf:params:oauth:token-type:jwt"},
          {"token_url", sts + "/v1/token"},
          {"credential_source", {{"file", "/nonexistent/token"}}}};
}

struct Federation : CloudFetch {
  json account;

  explicit Federation(const fakes::ScriptedServer& google)
      : CloudFetch(config::Auth()), account(external_account(origin(google))) {
    account["credential_source"]["file"] = folder.write("subject", "subject.jwt.one\n");
    save();
  }

  void save() {
    provider.auth = config::GoogleExternalAccountAuth{folder.write("account.json", account.dump())};
  }
};

std::string account_problem(const json& account) {
  const auto parsed = parse_external_account(account.dump());
  return parsed ? "none" : parsed.error().message;
}

}  // namespace

TEST_CASE("google external account: the subject token of a file is exchanged") {
  const fakes::ScriptedServer google(replies(200, k_federated));
  CHECK(Federation(google).token() == "federated-token");
  REQUIRE(google.requests().size() == 1);
  CHECK(google.requests()[0].starts_with("POST /v1/token HTTP/1.1\r\n"));
  CHECK(google.requests()[0].ends_with(
      "\r\n\r\ngrant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange"
      "&audience=%2F%2Fiam.googleapis.com%2Fprojects%2F1%2Flocations%2Fglobal%2F"
      "workloadIdentityPools%2Fp&scope=https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fcloud-platform"
      "&requested_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token"
      "&subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Ajwt"
      "&subject_token=subject.jwt.one"));
}

TEST_CASE("google external account: a service account is impersonated with what was exchanged") {
  const fakes::ScriptedServer google(
      replies({{.body = k_federated},
               {.body = R"({"accessToken":"ya29.account","expireTime":"2023-11-14T23:23:20Z"})"}}));
  Federation fetch(google);
  fetch.account["service_account_impersonation_url"] = origin(google) + "/v1/a:generateAccessToken";
  fetch.account["service_account_impersonation"] = {{"token_lifetime_seconds", 1200}};
  fetch.save();
  CHECK(fetch.token() == "ya29.account");
  REQUIRE(google.requests().size() == 2);
  const std::string request = google.requests()[1];
  CHECK(request.starts_with("POST /v1/a:generateAccessToken HTTP/1.1\r\n"));
  CHECK(contains(request, "Authorization: Bearer federated-token\r\n"));
  CHECK(
      request.ends_with("\r\n\r\n{\"lifetime\":\"1200s\",\"scope\":"
                        "[\"https://www.googleapis.com/auth/cloud-platform\"]}"));
}

TEST_CASE("google external account: a subject token may be asked for and stand in JSON") {
  const fakes::ScriptedServer idp(replies(200, R"({"value":"subject.jwt.two"})"));
  const fakes::ScriptedServer google(replies(200, k_federated));
  Federation fetch(google);
  fetch.account["credential_source"] = {
      {"url", idp.url("/token?audience=a")},
      {"headers", {{"X-Idp-Key", "idp-secret"}}},
      {"format", {{"type", "json"}, {"subject_token_field_name", "value"}}}};
  fetch.save();
  CHECK(fetch.token() == "federated-token");
  REQUIRE(idp.requests().size() == 1);
  CHECK(idp.requests()[0].starts_with("GET /token?audience=a HTTP/1.1\r\n"));
  CHECK(contains(idp.requests()[0], "X-Idp-Key: idp-secret\r\n"));
  CHECK(google.requests()[0].ends_with("&subject_token=subject.jwt.two"));
}

TEST_CASE("google external account: each service's refusal is told with what to do, and no token") {
  const auto refusal = [](int status, std::string_view body) {
    const fakes::ScriptedServer google(replies(status, std::string(body)));
    const std::string error = Federation(google).error();
    CHECK(error.starts_with("auth_error: "));
    CHECK_FALSE(contains(error, "subject.jwt.one"));
    return error;
  };
  CHECK(contains(refusal(400, R"({"error":"invalid_grant","error_description":"The subject token )"
                              R"(subject.jwt.one is stale"})"),
                 "invalid_grant: The subject token <secret> is stale: the provider of the pool"));
  CHECK(contains(refusal(400, R"({"error":"invalid_target","error_description":"no such pool"})"),
                 "no such pool: check the audience"));
  const fakes::ScriptedServer google(
      replies({{.body = k_federated},
               {.status = 403,
                .body = R"({"error":{"code":403,"message":"federated-token may not",)"
                        R"("status":"PERMISSION_DENIED"}})"}}));
  Federation fetch(google);
  fetch.account["service_account_impersonation_url"] = origin(google) + "/v1/a:generateAccessToken";
  fetch.save();
  CHECK(contains(fetch.error(),
                 "HTTP 403: PERMISSION_DENIED: <secret> may not: grant the pool's principal"));
}

TEST_CASE("google external account: the token's file is read for every fetch") {
  const fakes::ScriptedServer google(replies(200, k_federated));
  Federation fetch(google);
  (void)fetch.token();
  (void)fetch.folder.write("subject", "subject.jwt.three");
  fetch.clock.advance(std::chrono::hours(1));
  (void)fetch.token();
  REQUIRE(google.requests().size() == 2);
  CHECK(google.requests()[1].ends_with("&subject_token=subject.jwt.three"));
  (void)fetch.folder.write("subject", "two words");
  fetch.clock.advance(std::chrono::hours(1));
  CHECK(contains(fetch.error(), "holds no token in one line of visible ASCII"));
}

TEST_CASE("google external account: a file that is none or leads to strangers is refused") {
  CHECK(account_problem(external_account("https://sts.googleapis.com")) == "none");
  const auto with = [](const char* name, json value) {
    json account = external_account("https://sts.googleapis.com");
    account[name] = std::move(value);
    return account_problem(account);
  };
  CHECK(parse_external_account("x").error().message == "is not a JSON object");
  CHECK(contains(with("type", "service_account"), "another type"));
  CHECK(contains(with("audience", 3), "no audience"));
  CHECK(contains(with("token_url", "http://sts.example/t"), "token_url that is not to be trusted"));
  CHECK(contains(with("token_url", nullptr), "token_url"));
  CHECK(contains(with("service_account_impersonation_url", "http://a/"), "not to be trusted"));
  for (const json& source :
       {json(nullptr), json::object(), json{{"file", "a"}, {"url", "https://a"}},
        json{{"executable", {{"command", "rm"}}}},
        json{{"environment_id", "aws1"}, {"url", "http://169.254.169.254/x"}}}) {
    CAPTURE(source.dump());
    CHECK(contains(with("credential_source", source), "neither a file nor a url"));
  }
  CHECK(
      contains(with("credential_source", {{"url", "http://idp.example/t"}}), "not to be trusted"));
  CHECK(with("credential_source", {{"url", "http://169.254.169.254/t?a=b"}}) == "none");
  CHECK(contains(with("credential_source", {{"url", "https://a"}, {"headers", {{"a b", "c"}}}}),
                 "cannot be sent"));
  CHECK(contains(with("credential_source", {{"url", "https://a"}, {"headers", {{"a", "b\r\nc"}}}}),
                 "cannot be sent"));
  CHECK(contains(with("credential_source", {{"file", "a"}, {"format", {{"type", "xml"}}}}),
                 "neither text nor json"));
  CHECK(contains(with("credential_source", {{"file", "a"}, {"format", {{"type", "json"}}}}),
                 "no subject_token_field_name"));
}

}  // namespace inferometer::probe::auth
