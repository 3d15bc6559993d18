#include "probe/auth/aws_signing.hpp"

#include "fakes/temporary_folder.hpp"
#include "probe/auth/secret_file.hpp"
#include "wire/sigv4.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <string>

namespace inferometer::probe::auth {
namespace {

constexpr base::WallTime k_new_year{std::chrono::seconds(1'767'225'600)};  // 2026-01-01

struct Account {
  fakes::TemporaryFolder folder;
  config::AwsAuth auth{
      .region = "us-east-1",
      .access_key_id = secret_file(folder, "id", "AKIDEXAMPLE"),
      .secret_access_key = secret_file(folder, "key", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
      .session_token = std::nullopt};
};

transport::Request converse() {
  transport::Request request;
  request.url =
      "https://bedrock-runtime.us-east-1.amazonaws.com"
      "/model/us.amazon.nova-micro-v1%3A0/converse-stream";
  request.headers = {{"Content-Type", "application/json"},
                     {"Accept", "application/vnd.amazon.eventstream"}};
  request.body = R"({"messages":[{"role":"user","content":[{"text":"hi"}]}],)"
                 R"("inferenceConfig":{"maxTokens":16}})";
  return request;
}

base::Result<Authorization> sign(const Account& account, const transport::Request& request) {
  return read_static_aws_keys(account.auth).and_then([&](const AwsKeys& keys) {
    return sign_for_aws(keys, account.auth.region, request, k_new_year);
  });
}

std::map<std::string, std::string> headers_of(const Authorization& authorization) {
  std::map<std::string, std::string> headers;
  for (const auto& [name, value] : authorization.headers) {
    headers[name] = value.reveal();
  }
  return headers;
}

/// Whether a server that takes `host` for its name computes the same signature.
bool is_signed_for(const Account& account, const transport::Request& request, std::string_view host,
                   std::string_view path, std::string_view query) {
  const auto authorization = sign(account, request);
  REQUIRE(authorization);
  const auto sent = headers_of(*authorization);
  const auto parsed = wire::parse_sigv4_authorization(sent.at("Authorization"));
  REQUIRE(parsed);
  const std::vector<wire::SigV4Header> headers{
      {"host", host}, {"x-amz-date", sent.at("X-Amz-Date")}, {"content-type", "application/json"}};
  const wire::SigV4Request received{
      .method = "POST", .path = path, .query = query, .headers = headers, .body = request.body};
  return parsed->signature ==
         wire::sigv4_signature(
             received, parsed->signed_headers,
             {.time = "20260101T000000Z", .region = "us-east-1", .service = "bedrock"},
             base::Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"));
}

}  // namespace

TEST_CASE("aws signing: a request to Bedrock is signed as botocore does") {
  const Account account;
  const auto authorization = sign(account, converse());
  REQUIRE(authorization);
  CHECK(headers_of(*authorization) ==
        std::map<std::string, std::string>{
            {"X-Amz-Date", "20260101T000000Z"},
            {"Authorization",
             "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/bedrock/aws4_request, "
             "SignedHeaders=content-type;host;x-amz-date, "
             "Signature=86ea5d317fc095a761dd35c3cbb411124d209a2063c94e5e6d56291561003b96"}});
}

TEST_CASE("aws signing: a session token is sent and signed") {
  Account account;
  account.auth.session_token = secret_file(account.folder, "session", "session-token");
  const auto authorization = sign(account, converse());
  REQUIRE(authorization);
  const auto headers = headers_of(*authorization);
  CHECK(headers.at("X-Amz-Security-Token") == "session-token");
  const auto parsed = wire::parse_sigv4_authorization(headers.at("Authorization"));
  REQUIRE(parsed);
  const auto signature_with = [&](std::string_view token) {
    const transport::Request request = converse();
    const std::vector<wire::SigV4Header> received{
        {"host", "bedrock-runtime.us-east-1.amazonaws.com"},
        {"x-amz-date", "20260101T000000Z"},
        {"content-type", "application/json"},
        {"x-amz-security-token", token}};
    return wire::sigv4_signature(
        {.method = "POST",
         .path = "/model/us.amazon.nova-micro-v1%3A0/converse-stream",
         .query = "",
         .headers = received,
         .body = request.body},
        parsed->signed_headers,
        {.time = "20260101T000000Z", .region = "us-east-1", .service = "bedrock"},
        base::Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"));
  };
  CHECK(parsed->signature == signature_with("session-token"));
  CHECK(parsed->signature != signature_with("another"));
  CHECK(headers.at("Authorization")
            .find("SignedHeaders=content-type;host;x-amz-date;x-amz-security-token,") !=
        std::string::npos);
}

TEST_CASE("aws signing: every secret is there to be redacted") {
  Account account;
  account.auth.session_token = secret_file(account.folder, "session", "session-token");
  const auto authorization = sign(account, converse());
  REQUIRE(authorization);
  for (const auto* secret :
       {"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "session-token"}) {
    CHECK(std::any_of(authorization->secrets.begin(), authorization->secrets.end(),
                      [secret](const base::Secret& kept) { return kept.reveal() == secret; }));
  }
}

TEST_CASE("aws signing: the host is signed as it is sent") {
  const Account account;
  transport::Request request = converse();
  request.url = "http://127.0.0.1:9000/bedrock/model/a%3A0/converse?x=1&a=b";
  CHECK(is_signed_for(account, request, "127.0.0.1:9000", "/bedrock/model/a%3A0/converse",
                      "x=1&a=b"));
  CHECK_FALSE(
      is_signed_for(account, request, "127.0.0.1", "/bedrock/model/a%3A0/converse", "x=1&a=b"));
  request.url = "https://host:443/a";
  CHECK(is_signed_for(account, request, "host", "/a", ""));
  request.url = "https://host:80/a";
  CHECK(is_signed_for(account, request, "host:80", "/a", ""));
  request.url = "http://[::1]";
  CHECK(is_signed_for(account, request, "[::1]", "/", ""));
  request.url = "https://host/a";
  request.tls.server_name = "other";
  CHECK(is_signed_for(account, request, "host:443", "/a", ""));
}

TEST_CASE("aws signing: a secret that cannot be read is named") {
  for (const auto member : {&config::AwsAuth::access_key_id, &config::AwsAuth::secret_access_key}) {
    Account account;
    account.auth.*member = missing_secret();
    const auto authorization = sign(account, converse());
    REQUIRE_FALSE(authorization);
    CHECK(authorization.error().message.find("/nonexistent/secret") != std::string::npos);
  }
  Account account;
  account.auth.session_token = missing_secret();
  CHECK_FALSE(sign(account, converse()));
}

TEST_CASE("aws signing: a URL that is none is an error") {
  const Account account;
  transport::Request request = converse();
  request.url = "http://";
  CHECK_FALSE(sign(account, request));
}

}  // namespace inferometer::probe::auth
