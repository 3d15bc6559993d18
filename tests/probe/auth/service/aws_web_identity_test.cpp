#include "probe/auth/service/cloud_stand_in.hpp"

namespace inferometer::probe::auth {
namespace {

const std::string k_probe_role = "arn:aws:iam::123456789012:role/probe";

std::string sts_reply(std::string_view expiration, std::string_view token = "session/token+=") {
  return fmt::format(
      "<AssumeRoleWithWebIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n"
      "  <AssumeRoleWithWebIdentityResult>\n"
      "    <SubjectFromWebIdentityToken>system:serviceaccount:n:s</SubjectFromWebIdentityToken>\n"
      "    <Credentials>\n      <AccessKeyId>ASIAEXAMPLE</AccessKeyId>\n"
      "      <SecretAccessKey>wJalr/Secret</SecretAccessKey>\n"
      "      <SessionToken>{}</SessionToken>\n      <Expiration>{}</Expiration>\n"
      "    </Credentials>\n  </AssumeRoleWithWebIdentityResult>\n"
      "  <ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>\n"
      "</AssumeRoleWithWebIdentityResponse>\n",
      token, expiration);
}

std::string sts_error(std::string_view code, std::string_view message) {
  return fmt::format(
      "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n  <Error>\n"
      "    <Type>Sender</Type>\n    <Code>{}</Code>\n    <Message>{}</Message>\n  </Error>\n"
      "  <RequestId>r</RequestId>\n</ErrorResponse>\n",
      code, message);
}

struct WebIdentity : CloudFetch {
  explicit WebIdentity(const fakes::ScriptedServer& sts) : CloudFetch(config::Auth()) {
    provider.auth = config::AwsWebIdentityAuth{.region = "eu-central-1",
                                               .role_arn = k_probe_role,
                                               .token_file = folder.write("token", "jwt.one.sig\n"),
                                               .session_name = "inferometer",
                                               .sts_url = origin(sts)};
  }
};

}  // namespace

TEST_CASE("aws web identity: the token of the file is exchanged for keys") {
  const fakes::ScriptedServer sts(replies(200, sts_reply(k_in_ten_minutes)));
  const WebIdentity fetch(sts);
  CHECK(fetch.keys() == "ASIAEXAMPLE wJalr/Secret session/token+=");
  REQUIRE(sts.requests().size() == 1);
  const std::string request = sts.requests()[0];
  CHECK(request.starts_with("POST / HTTP/1.1\r\n"));
  CHECK(contains(request, "Content-Type: application/x-www-form-urlencoded\r\n"));
  CHECK_FALSE(contains(request, "Authorization"));
  CHECK(request.ends_with(
      "\r\n\r\nAction=AssumeRoleWithWebIdentity&Version=2011-06-15"
      "&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fprobe&RoleSessionName=inferometer"
      "&WebIdentityToken=jwt.one.sig"));
}

TEST_CASE("aws web identity: the file is read for every fetch, and expired keys are not used") {
  const fakes::ScriptedServer sts(replies({{.body = sts_reply(k_in_ten_minutes, "first")},
                                           {.body = sts_reply("2023-11-14T23:40:00Z", "second")}}));
  WebIdentity fetch(sts);
  CHECK(fetch.keys().ends_with(" first"));
  (void)fetch.folder.write("token", "jwt.two.sig\n");
  CHECK(fetch.keys().ends_with(" first"));
  fetch.clock.advance(std::chrono::minutes(10));
  CHECK(fetch.keys().ends_with(" second"));
  REQUIRE(sts.requests().size() == 2);
  CHECK(contains(sts.requests()[1], "WebIdentityToken=jwt.two.sig"));
}

TEST_CASE("aws web identity: a refusal tells the code, the message and what to do") {
  const auto refusal = [](int status, std::string_view code, std::string_view message) {
    const fakes::ScriptedServer sts(replies(status, sts_error(code, message)));
    const std::string error = WebIdentity(sts).error();
    CHECK_FALSE(contains(error, "jwt.one.sig"));
    return error;
  };
  CHECK(contains(refusal(400, "InvalidIdentityToken",
                         "No OpenIDConnect provider found in your "
                         "account for https://oidc.example"),
                 "HTTP 400: InvalidIdentityToken: No OpenIDConnect provider found in your account "
                 "for https://oidc.example: IAM needs an OIDC provider"));
  CHECK(contains(
      refusal(403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity"),
      "sts:AssumeRoleWithWebIdentity: the role's trust policy must allow"));
  CHECK(contains(refusal(400, "ExpiredTokenException", "Token expired: current date/time"),
                 "the token file is not renewed"));
  CHECK(contains(refusal(403, "IDPRejectedClaim", "no"), "the audience that the role trusts"));
  CHECK(
      refusal(400, "InvalidIdentityToken", "bad jwt.one.sig").starts_with("auth_error: no keys "));
  CHECK(contains(refusal(400, "InvalidIdentityToken", "bad jwt.one.sig"), "bad <secret>"));
  CHECK(refusal(400, "Throttling", "Rate exceeded").starts_with("rate_limited: "));
  CHECK(refusal(503, "ServiceUnavailable", "").starts_with("overloaded: "));
}

TEST_CASE("aws web identity: what are no keys is refused and not shown") {
  const auto problem = [](const std::string& body) {
    const fakes::ScriptedServer sts(replies(200, body));
    const std::string error = WebIdentity(sts).error();
    CHECK(error.starts_with("protocol_error: "));
    CHECK_FALSE(contains(error, "wJalr"));
    return error;
  };
  CHECK(contains(problem("<html>"), "the answer has no AccessKeyId"));
  CHECK(contains(problem(sts_reply("soon")), "the answer's time of expiry is none"));
  CHECK(contains(problem(sts_reply("2023-11-14T23:13:20Z")), "has expired"));
  CHECK(contains(problem(sts_reply(k_in_ten_minutes, "")), "the answer has no SessionToken"));
  CHECK(contains(problem(sts_reply(k_in_ten_minutes, "a b")), "that no header can carry"));
  CHECK(contains(problem("<!DOCTYPE x>" + sts_reply(k_in_ten_minutes)), "no AccessKeyId"));
}

TEST_CASE("aws web identity: what is missing is said and nothing is asked") {
  const fakes::ScriptedServer sts(replies(200, sts_reply(k_in_ten_minutes)));
  WebIdentity fetch(sts);
  auto& auth = std::get<config::AwsWebIdentityAuth>(fetch.provider.auth);
  auth.token_file = "/nonexistent/token";
  CHECK(
      contains(fetch.error(), "internal_error: the secret file \"/nonexistent/token\" cannot be"));
  auth.token_file.clear();
  CHECK(contains(fetch.error(), "set AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE"));
  CHECK(sts.requests().empty());
}

}  // namespace inferometer::probe::auth
