#include "probe/auth/secret_file.hpp"
#include "probe/auth/service/cloud_stand_in.hpp"

namespace inferometer::probe::auth {
namespace {

std::string container_reply(std::string_view expiration) {
  return fmt::format(R"({{"RoleArn":"arn","AccessKeyId":"ASIAPOD","SecretAccessKey":"pod-secret",)"
                     R"("Token":"pod-session","Expiration":"{}"}})",
                     expiration);
}

struct Container : CloudFetch {
  explicit Container(const fakes::ScriptedServer& agent) : CloudFetch(config::Auth()) {
    provider.auth =
        config::AwsPodIdentityAuth{.region = "eu-central-1",
                                   .url = agent.url("/v2/credentials/task-guid"),
                                   .token = secret_file(folder, "token", "pod.jwt.one\n")};
    provider.proxy = dead_proxy();
  }
};

}  // namespace

TEST_CASE("aws container: keys are asked for with the token of the file and never by a proxy") {
  const fakes::ScriptedServer agent(replies(200, container_reply(k_in_ten_minutes)));
  CHECK(Container(agent).keys() == "ASIAPOD pod-secret pod-session");
  REQUIRE(agent.requests().size() == 1);
  CHECK(agent.requests()[0].starts_with("GET /v2/credentials/task-guid HTTP/1.1\r\n"));
  CHECK(contains(agent.requests()[0], "\r\nAuthorization: pod.jwt.one\r\n"));
}

TEST_CASE("aws container: ECS asks for no token, and a token that changed counts") {
  const fakes::ScriptedServer agent(replies({{.body = container_reply(k_in_ten_minutes)},
                                             {.body = container_reply("2023-11-14T23:59:00Z")}}));
  Container fetch(agent);
  (void)fetch.keys();
  (void)fetch.folder.write("token", "pod.jwt.two");
  fetch.clock.advance(std::chrono::minutes(10));
  (void)fetch.keys();
  REQUIRE(agent.requests().size() == 2);
  CHECK(contains(agent.requests()[1], "Authorization: pod.jwt.two\r\n"));
  std::get<config::AwsPodIdentityAuth>(fetch.provider.auth).token.reset();
  (void)fetch.keys();
  REQUIRE(agent.requests().size() == 3);
  CHECK_FALSE(contains(agent.requests()[2], "Authorization"));
}

TEST_CASE("aws container: a refusal tells what was said, and neither token nor path") {
  const fakes::ScriptedServer agent(
      replies(400, "Service account token pod.jwt.one cannot be used\n"));
  const std::string error = Container(agent).error();
  CHECK(error ==
        fmt::format("auth_error: no keys from \"{}/\": HTTP 400: Service account token <secret> "
                    "cannot be used: check the pod identity association of this pod's service "
                    "account",
                    origin(agent)));
  const fakes::ScriptedServer ecs(replies(403, R"({"code":"AccessDenied","message":"no role"})"));
  CHECK(contains(Container(ecs).error(), "HTTP 403: AccessDenied: no role: the role must trust"));
}

TEST_CASE("aws container: what are no keys is refused and not shown") {
  for (const std::string& body :
       {std::string("keys"), std::string("[]"), std::string(R"({"AccessKeyId":"ASIAPOD"})"),
        std::string(R"({"AccessKeyId":"A","SecretAccessKey":"pod-secret","Token":"t"})"),
        container_reply("2023-11-14T23:13:00Z"), container_reply("1700000000")}) {
    CAPTURE(body);
    const fakes::ScriptedServer agent(replies(200, body));
    const std::string error = Container(agent).error();
    CHECK(error.starts_with("protocol_error: no keys from "));
    CHECK_FALSE(contains(error, "pod-secret"));
  }
}

TEST_CASE("aws container: an environment without an address is said so") {
  const CloudFetch fetch(config::AwsPodIdentityAuth{.region = "r", .url = "", .token = {}});
  CHECK(contains(fetch.error(), "neither AWS_CONTAINER_CREDENTIALS_FULL_URI nor"));
}

TEST_CASE("aws container: nobody there is an error of the network") {
  const CloudFetch fetch(
      config::AwsPodIdentityAuth{.region = "r", .url = "http://127.0.0.1:1/x", .token = {}});
  const std::string error = fetch.error();
  CHECK(error.starts_with("connect_error: "));
  CHECK(
      error.ends_with("is the Pod Identity Agent running on this node, or is this a task of ECS?"));
}

}  // namespace inferometer::probe::auth
