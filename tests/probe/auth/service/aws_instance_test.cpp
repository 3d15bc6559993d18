#include "probe/auth/service/cloud_stand_in.hpp"

namespace inferometer::probe::auth {
namespace {

std::string instance_reply(std::string_view expiration) {
  return fmt::format(
      R"({{"Code":"Success","LastUpdated":"2023-11-14T20:00:00Z","Type":"AWS-HMAC",)"
      R"("AccessKeyId":"ASIAEC2","SecretAccessKey":"ec2-secret","Token":"ec2-session",)"
      R"("Expiration":"{}"}})",
      expiration);
}

std::vector<Reply> instance_replies(std::string last) {
  return {{.body = "imds-session=="}, {.body = "probe-role"}, {.body = std::move(last)}};
}

CloudFetch instance(const fakes::ScriptedServer& imds) {
  return CloudFetch(config::AwsInstanceAuth{.region = "eu-central-1", .url = origin(imds)});
}

}  // namespace

TEST_CASE("aws instance: a session, the role, its keys, and never by a proxy") {
  const fakes::ScriptedServer imds(replies(instance_replies(instance_reply(k_in_ten_minutes))));
  CloudFetch fetch = instance(imds);
  fetch.provider.proxy = dead_proxy();
  CHECK(fetch.keys() == "ASIAEC2 ec2-secret ec2-session");
  const std::vector<std::string> requests = imds.requests();
  REQUIRE(requests.size() == 3);
  CHECK(requests[0].starts_with("PUT /latest/api/token HTTP/1.1\r\n"));
  CHECK(contains(requests[0], "X-aws-ec2-metadata-token-ttl-seconds: 300\r\n"));
  CHECK(contains(requests[0], "Content-Length: 0\r\n"));
  CHECK(requests[1].starts_with("GET /latest/meta-data/iam/security-credentials/ HTTP/1.1\r\n"));
  CHECK(requests[2].starts_with(
      "GET /latest/meta-data/iam/security-credentials/probe-role HTTP/1.1\r\n"));
  for (const std::size_t i : {1U, 2U}) {
    CHECK(contains(requests[i], "X-aws-ec2-metadata-token: imds-session==\r\n"));
  }
}

TEST_CASE("aws instance: each refusal says at which step and what to do") {
  const fakes::ScriptedServer off(replies(403, "<html>"));
  CHECK(instance(off).error() ==
        fmt::format("auth_error: no keys from \"{}/latest/api/token\": HTTP 403: the instance's "
                    "metadata service is switched off or not for this process",
                    origin(off)));
  const fakes::ScriptedServer no_role(replies({{.body = "session"}, {.status = 404, .body = ""}}));
  CHECK(contains(instance(no_role).error(), "HTTP 404: attach an instance profile"));
}

TEST_CASE("aws instance: a role that does not trust EC2 is told under status 200") {
  const fakes::ScriptedServer imds(replies(instance_replies(
      R"({"Code":"AssumeRoleUnauthorizedAccess","Message":"EC2 cannot assume imds-session=="})")));
  const std::string error = instance(imds).error();
  CHECK(
      error.ends_with("AssumeRoleUnauthorizedAccess: EC2 cannot assume <secret>: the role must "
                      "trust ec2.amazonaws.com"));
}

TEST_CASE("aws instance: what could lead elsewhere or is none is refused") {
  for (const char* session : {"", "a b", "\xc3\xa9", "\x01"}) {
    CAPTURE(session);
    const fakes::ScriptedServer imds(replies(200, session));
    CHECK(contains(instance(imds).error(), "protocol_error: "));
    CHECK(imds.requests().size() == 1);
  }
  for (const char* role : {"", "../../user-data", "a/b", "a?b", "a%2fb", "<html>", "a b"}) {
    CAPTURE(role);
    const fakes::ScriptedServer imds(replies({{.body = "session"}, {.body = role}}));
    CHECK(contains(instance(imds).error(), "the answer is no name of a role"));
    CHECK(imds.requests().size() == 2);
  }
  for (const std::string& keys : {std::string("{}"), instance_reply("2023-11-14T23:00:00Z")}) {
    CAPTURE(keys);
    const fakes::ScriptedServer imds(replies(instance_replies(keys)));
    const std::string error = instance(imds).error();
    CHECK(error.starts_with("protocol_error: "));
    CHECK_FALSE(contains(error, "ec2-secret"));
  }
}

TEST_CASE("aws instance: nobody there points to the hop limit of containers") {
  const CloudFetch fetch(config::AwsInstanceAuth{.region = "r", .url = "http://127.0.0.1:1"});
  const std::string error = fetch.error();
  CHECK(error.starts_with("connect_error: "));
  CHECK(contains(error, "HttpPutResponseHopLimit of 2"));
}

}  // namespace inferometer::probe::auth
