#include "e2e/system.hpp"
#include "fakes/scripted_server.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdlib>
#include <ctime>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Probes of the clouds without secrets: the daemon gets its credentials from stand-ins of the
// clouds' services, found as the vendors' libraries find them, and the simulator asks for them.

namespace inferometer::e2e {
namespace {

using Values = std::vector<std::pair<std::string, std::string>>;

constexpr std::string_view k_cloud_key = "cloud-key-Qx71/+=";  ///< what the simulator asks for
constexpr std::string_view k_identity = "identity.jwt.Wz82";

/// Set while it lives.
class Variables {
 public:
  explicit Variables(Values values) : m_values(std::move(values)) {
    m_values.emplace_back("INFEROMETER_E2E_CLOUD_KEY", k_cloud_key);
    for (const auto& [name, value] : m_values) {
      ::setenv(name.c_str(), value.c_str(), 1);
    }
  }
  Variables(const Variables&) = delete;
  Variables& operator=(const Variables&) = delete;
  ~Variables() {
    for (const auto& [name, value] : m_values) {
      ::unsetenv(name.c_str());
    }
  }

 private:
  Values m_values;
};

fakes::Script cloud_reply(std::string_view body, std::string_view headers = "") {
  return {fakes::script::ReadRequest{},
          fakes::script::Send{
              fmt::format("HTTP/1.1 200 OK\r\n{}Content-Length: {}\r\nConnection: close\r\n\r\n{}",
                          headers, body.size(), body)}};
}

std::string in_an_hour() {
  const std::time_t time = std::time(nullptr) + 3600;
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

std::string json_keys(std::string_view more) {
  return fmt::format(
      R"({{{}"AccessKeyId":"AKIASIMULATOR","SecretAccessKey":"{}","Token":"session-Ab12",)"
      R"("Expiration":"{}"}})",
      more, k_cloud_key, in_an_hour());
}

std::string bearer_token(std::string_view expiry) {
  return fmt::format(R"({{"access_token":"{}","token_type":"Bearer",{}}})", k_cloud_key, expiry);
}

/// Whether a daemon with this auth has a probe succeed, and shows neither key nor identity.
void check_probes_succeed(std::string_view protocol, std::string_view prefix,
                          std::string_view auth) {
  const TemporaryFolder folder;
  const Simulator simulator({"--require-key-env", "INFEROMETER_E2E_CLOUD_KEY"});
  Daemon daemon(folder,
                fmt::format("providers: [{{name: p, protocol: {}, base_url: "
                            "\"http://127.0.0.1:{}{}\", models: [m], auth: {}}}]\n"
                            "workloads: [{{name: w, input_tokens: 64, output_tokens: 4}}]\n"
                            "probes: [{{providers: [p], workloads: [w], interval: 300ms}}]\n",
                            protocol, simulator.port(), prefix, auth),
                {"--log.level", "debug"});
  const bool succeeded = eventually([&] {
    return daemon.sample(R"(llm_probe_success{provider="p",model="m",workload="w"})") == 1;
  });
  CHECK_MESSAGE(succeeded, daemon.process().output());
  const std::string shown = daemon.process().output() + daemon.metrics() +
                            http("GET", daemon.port(), "/").body +
                            http("GET", daemon.port(), "/config").body;
  CHECK(shown.find(k_cloud_key) == std::string::npos);
  CHECK(shown.find(k_identity) == std::string::npos);
}

}  // namespace

TEST_CASE("cloud credentials: Bedrock by a web identity") {
  const TemporaryFolder folder;
  const fakes::ScriptedServer sts(cloud_reply(fmt::format(
      "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>"
      "<AccessKeyId>AKIASIMULATOR</AccessKeyId><SecretAccessKey>{}</SecretAccessKey>"
      "<SessionToken>session-Ab12</SessionToken><Expiration>{}</Expiration></Credentials>"
      "</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>",
      k_cloud_key, in_an_hour())));
  const Variables environment(
      Values{{"AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/probe"},
             {"AWS_WEB_IDENTITY_TOKEN_FILE", folder.write("token", k_identity)},
             {"AWS_ENDPOINT_URL_STS", sts.url("")}});
  check_probes_succeed("bedrock", "", "{aws: {region: us-east-1, credentials: web-identity}}");
  CHECK(sts.requests().size() == 1);
}

TEST_CASE("cloud credentials: Bedrock by a pod's identity and by an instance's role") {
  {
    const fakes::ScriptedServer agent(cloud_reply(json_keys("")));
    const Variables environment(
        Values{{"AWS_CONTAINER_CREDENTIALS_FULL_URI", agent.url("/v1/credentials")},
               {"AWS_CONTAINER_AUTHORIZATION_TOKEN", std::string(k_identity)}});
    check_probes_succeed("bedrock", "", "{aws: {region: us-east-1, credentials: pod-identity}}");
  }
  const fakes::ScriptedServer imds({cloud_reply(k_identity), cloud_reply("probe-role"),
                                    cloud_reply(json_keys(R"("Code":"Success",)"))});
  const Variables environment(Values{{"AWS_EC2_METADATA_SERVICE_ENDPOINT", imds.url("")}});
  check_probes_succeed("bedrock-invoke", "", "{aws: {region: us-east-1, credentials: instance}}");
}

TEST_CASE("cloud credentials: Vertex AI by Google's metadata server") {
  const fakes::ScriptedServer server(
      cloud_reply(bearer_token(R"("expires_in":3599)"), "Metadata-Flavor: Google\r\n"));
  const Variables environment(
      Values{{"GCE_METADATA_HOST", fmt::format("127.0.0.1:{}", server.port())}});
  check_probes_succeed("gemini", "/v1beta", "{google_metadata: true}");
}

TEST_CASE("cloud credentials: Azure OpenAI by a workload's and by a machine's identity") {
  {
    const TemporaryFolder folder;
    const fakes::ScriptedServer entra(cloud_reply(bearer_token(R"("expires_in":3599)")));
    const Variables environment(
        Values{{"AZURE_CLIENT_ID", "client-1"},
               {"AZURE_TENANT_ID", "tenant-1"},
               {"AZURE_FEDERATED_TOKEN_FILE", folder.write("token", k_identity)},
               {"AZURE_AUTHORITY_HOST", entra.url("/")}});
    check_probes_succeed("openai-chat", "/v1", "{azure: {credentials: workload-identity}}");
  }
  const fakes::ScriptedServer imds(cloud_reply(bearer_token(R"("expires_in":"86399")")));
  const Variables environment(Values{{"AZURE_POD_IDENTITY_AUTHORITY_HOST", imds.url("")}});
  check_probes_succeed("openai-chat", "/v1", "{azure: {credentials: managed-identity}}");
}

TEST_CASE("cloud credentials: a check warns of what the environment lacks with its place") {
  const TemporaryFolder folder;
  const std::string file =
      folder.write("c.yml",
                   "providers:\n"
                   "  - name: p\n"
                   "    protocol: bedrock\n"
                   "    base_url: https://x\n"
                   "    models: [m]\n"
                   "    auth: {aws: {region: us-east-1, credentials: web-identity}}\n"
                   "workloads: [{name: w, input_tokens: 64, output_tokens: 16}]\n"
                   "probes: [{providers: [p], workloads: [w]}]\n");
  const Finished check = run(inferometer({"--config.file", file, "--config.check"}));
  CHECK(check.status == 0);
  CHECK(check.output.find("c.yml:6:11: warning: provider \"p\": role_arn: the environment variable "
                          "\"AWS_ROLE_ARN\" is not set: EKS sets it where the service account has "
                          "the annotation eks.amazonaws.com/role-arn\n") != std::string::npos);
  const Variables environment(Values{{"AWS_ROLE_ARN", "probe"}});
  const Finished refused = run(inferometer({"--config.file", file, "--config.check"}));
  CHECK(refused.status == 2);
  CHECK(refused.output.find("c.yml:6:50: credentials: the environment variable \"AWS_ROLE_ARN\" "
                            "cannot be used: write it as") != std::string::npos);
}

}  // namespace inferometer::e2e
