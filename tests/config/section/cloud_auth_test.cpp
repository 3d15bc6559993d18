#include "config/section/cloud_auth.hpp"

#include "config/sample.hpp"
#include "fakes/contains.hpp"

#include <doctest/doctest.h>

#include <map>
#include <string>

namespace inferometer::config {
namespace {

using fakes::contains;
using Values = std::map<std::string, std::string>;

LoadResult load_auth(const std::string& auth, const Values& environment) {
  LoadOptions options = sample::options();
  options.environment = [environment](const std::string& name) -> std::optional<std::string> {
    const auto found = environment.find(name);
    return found == environment.end() ? std::nullopt : std::optional(found->second);
  };
  return load_text(sample::text_with({.provider = "auth: " + auth}), "/etc/c.yml", options);
}

/// What `auth` is where the environment has these variables.
template <typename Kind>
Kind auth_in(const std::string& auth, const Values& environment) {
  const LoadResult config = load_auth(auth, environment);
  REQUIRE_MESSAGE(config, render("c.yml", config ? std::vector<Problem>() : config.error()));
  const Kind* kind = std::get_if<Kind>(&config->providers[0].auth);
  REQUIRE(kind != nullptr);
  return *kind;
}

std::string problems_in(const std::string& auth, const Values& environment = {}) {
  const LoadResult config = load_auth(auth, environment);
  REQUIRE_FALSE(config);
  return render("c.yml", config.error());
}

std::string aws(const std::string& credentials, const std::string& more = "") {
  return "{aws: {region: eu-central-1, credentials: " + credentials + more + "}}";
}

}  // namespace

TEST_CASE("web identity: the environment says what the file does not") {
  const Values irsa{{"AWS_ROLE_ARN", "arn:aws:iam::1:role/pod"},
                    {"AWS_WEB_IDENTITY_TOKEN_FILE", "/var/run/token"}};
  const auto auth = auth_in<AwsWebIdentityAuth>(aws("web-identity"), irsa);
  CHECK(auth == AwsWebIdentityAuth{.region = "eu-central-1",
                                   .role_arn = "arn:aws:iam::1:role/pod",
                                   .token_file = "/var/run/token",
                                   .session_name = "inferometer",
                                   .sts_url = "https://sts.eu-central-1.amazonaws.com"});
  const auto given = auth_in<AwsWebIdentityAuth>(
      aws("web-identity", ", role_arn: \"arn:aws:iam::2:role/own\""), irsa);
  CHECK(given.role_arn == "arn:aws:iam::2:role/own");
  CHECK(given.token_file == "/var/run/token");
}

TEST_CASE("web identity: the endpoint is the region's or the one of the environment") {
  CHECK(auth_in<AwsWebIdentityAuth>("{aws: {region: cn-north-1, credentials: web-identity}}", {})
            .sts_url == "https://sts.cn-north-1.amazonaws.com.cn");
  const auto sts = [](const std::string& url) {
    return auth_in<AwsWebIdentityAuth>(aws("web-identity"), {{"AWS_ENDPOINT_URL_STS", url}})
        .sts_url;
  };
  CHECK(sts("https://vpce-1.sts.eu-central-1.vpce.amazonaws.com/") ==
        "https://vpce-1.sts.eu-central-1.vpce.amazonaws.com");
  CHECK(sts("http://127.0.0.1:4566") == "http://127.0.0.1:4566");
}

TEST_CASE("what neither file nor environment says is no problem of the file") {
  CHECK(auth_in<AwsWebIdentityAuth>(aws("web-identity"), {}).role_arn.empty());
  CHECK(auth_in<AwsPodIdentityAuth>(aws("pod-identity"), {}).url.empty());
  CHECK(auth_in<AzureWorkloadIdentityAuth>("{azure: {credentials: workload-identity}}", {})
            .client_id.empty());
  const LoadResult config = load_auth(aws("web-identity"), {});
  REQUIRE(config);
  CHECK(config->auth_marks.at("p").line == 6);
  CHECK(config->auth_marks.at("p").column == 11);
}

TEST_CASE("pod identity: the environment says where and with which token") {
  const Values eks{{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://169.254.170.23/v1/credentials"},
                   {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/var/run/eks-pod-identity-token"}};
  CHECK(auth_in<AwsPodIdentityAuth>(aws("pod-identity"), eks) ==
        AwsPodIdentityAuth{.region = "eu-central-1",
                           .url = "http://169.254.170.23/v1/credentials",
                           .token = sample::file("/var/run/eks-pod-identity-token")});
  const Values ecs{{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/guid?a=b"},
                   {"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://localhost/unused"},
                   {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "secret"}};
  CHECK(auth_in<AwsPodIdentityAuth>(aws("pod-identity"), ecs) ==
        AwsPodIdentityAuth{.region = "eu-central-1",
                           .url = "http://169.254.170.2/v2/credentials/guid?a=b",
                           .token = sample::variable("AWS_CONTAINER_AUTHORIZATION_TOKEN")});
}

TEST_CASE("pod identity: the hosts are those of the AWS SDKs") {
  const auto verdict = [](const std::string& url) {
    return load_auth(aws("pod-identity"), {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", url}})
        .has_value();
  };
  for (const char* url :
       {"http://169.254.170.2/a", "http://169.254.170.23:80/a", "http://[fd00:ec2::23]/a",
        "http://127.0.0.1:9/a", "http://[::1]/a", "http://localhost/a", "https://any.example/a"}) {
    CAPTURE(url);
    CHECK(verdict(url));
  }
  for (const char* url :
       {"http://169.254.170.22/a", "http://169.254.169.254/a", "http://[fd00:ec2::254]/a",
        "http://10.0.0.1/a", "http://any.example/a", "http://169.254.170.2.example/a",
        "http://169.254.170.2@any.example/a", "http://localhost.example/", "ftp://127.0.0.1/",
        "http://127.1/", "169.254.170.2", "http://169.254.170.2/a#b",
        "http://169.254.170.2/?a b"}) {
    CAPTURE(url);
    CHECK_FALSE(verdict(url));
  }
}

TEST_CASE("metadata servers may be on this machine or its link and nowhere else") {
  const auto url = [](const std::string& endpoint) {
    return auth_in<AwsInstanceAuth>(aws("instance"),
                                    {{"AWS_EC2_METADATA_SERVICE_ENDPOINT", endpoint}})
        .url;
  };
  CHECK(auth_in<AwsInstanceAuth>(aws("instance"), {}).url == "http://169.254.169.254");
  CHECK(url("http://[fd00:ec2::254]/") == "http://[fd00:ec2::254]");
  CHECK(url("http://127.0.0.1:1338") == "http://127.0.0.1:1338");
  for (const char* bad : {"http://10.0.0.1", "http://imds.example", "http://[fe80::1%eth0]",
                          "http://[fd00:ec3::1]", "http://169.255.0.1"}) {
    CAPTURE(bad);
    CHECK(contains(
        problems_in(aws("instance"), {{"AWS_EC2_METADATA_SERVICE_ENDPOINT", bad}}),
        "c.yml:6:53: credentials: the environment variable "
        "\"AWS_EC2_METADATA_SERVICE_ENDPOINT\" cannot be used: http may lead to this "
        "machine or to an address of 169.254.0.0/16 and fd00:ec2::/32 alone: use https://"));
  }
}

TEST_CASE("google metadata: by its address, whatever a resolver says") {
  const auto url = [](const std::string& host) {
    return auth_in<GoogleMetadataAuth>("{google_metadata: true}", {{"GCE_METADATA_HOST", host}})
        .url;
  };
  CHECK(url("metadata.google.internal") == "http://169.254.169.254");
  CHECK(url("169.254.169.252:988") == "http://169.254.169.252:988");
  CHECK(url("localhost:8080") == "http://localhost:8080");
  CHECK(contains(problems_in("{google_metadata: true}", {{"GCE_METADATA_HOST", "evil.example"}}),
                 "\"GCE_METADATA_HOST\" cannot be used"));
  CHECK(contains(problems_in("{google_metadata: false}"), "remove the key instead"));
}

TEST_CASE("azure: the environment says where and who") {
  const Values aks{{"AZURE_CLIENT_ID", "id"},
                   {"AZURE_TENANT_ID", "tenant"},
                   {"AZURE_FEDERATED_TOKEN_FILE", "/var/run/azure"},
                   {"AZURE_AUTHORITY_HOST", "https://login.microsoftonline.us/"}};
  const std::string workload = "{azure: {credentials: workload-identity}}";
  CHECK(auth_in<AzureWorkloadIdentityAuth>(workload, aks) ==
        AzureWorkloadIdentityAuth{.resource = "https://cognitiveservices.azure.com",
                                  .client_id = "id",
                                  .tenant_id = "tenant",
                                  .token_file = "/var/run/azure",
                                  .authority = "https://login.microsoftonline.us"});
  CHECK(auth_in<AzureWorkloadIdentityAuth>(workload,
                                           {{"AZURE_AUTHORITY_HOST", "login.chinacloudapi.cn"}})
            .authority == "https://login.chinacloudapi.cn");
  CHECK(contains(problems_in(workload, {{"AZURE_AUTHORITY_HOST", "http://login.example"}}),
                 "\"AZURE_AUTHORITY_HOST\" cannot be used: http would show the secret"));
  CHECK(contains(problems_in(workload, {{"AZURE_TENANT_ID", "a/b"}}), "\"AZURE_TENANT_ID\""));
  const std::string managed = "{azure: {credentials: managed-identity}}";
  CHECK(auth_in<AzureManagedIdentityAuth>(managed, aks) ==
        AzureManagedIdentityAuth{.resource = "https://cognitiveservices.azure.com",
                                 .client_id = "",
                                 .url = "http://169.254.169.254/metadata/identity/oauth2/token",
                                 .header = {}});
  CHECK(auth_in<AzureManagedIdentityAuth>(
            managed, {{"IDENTITY_ENDPOINT", "http://169.254.129.3:8081/msi/token"},
                      {"IDENTITY_HEADER", "secret"}}) ==
        AzureManagedIdentityAuth{.resource = "https://cognitiveservices.azure.com",
                                 .client_id = "",
                                 .url = "http://169.254.129.3:8081/msi/token",
                                 .header = sample::variable("IDENTITY_HEADER")});
  CHECK(contains(problems_in(managed, {{"IDENTITY_ENDPOINT", "http://10.0.0.1/msi/token"},
                                       {"IDENTITY_HEADER", "secret"}}),
                 "\"IDENTITY_ENDPOINT\" cannot be used"));
}

TEST_CASE("keys of another kind of credentials are reported with a hint") {
  const std::string both = problems_in(aws("web-identity", ", access_key_id_env: A"));
  CHECK(contains(both, "both credentials and access_key_id_env are given: keep one of them"));
  const std::string role = problems_in(aws("instance", ", role_arn: \"arn:aws:iam::1:role/a\""));
  CHECK(contains(role, "role_arn is of no use here: it is for credentials: web-identity"));
  CHECK(contains(problems_in("{aws: {region: r, access_key_id_env: A, secret_access_key_env: B, "
                             "token_file: t}}"),
                 "token_file is of no use here"));
  CHECK(contains(problems_in("{azure: {credentials: managed-identity, tenant_id: t}}"),
                 "tenant_id is of no use here: it is for credentials: workload-identity"));
  CHECK(contains(problems_in(aws("default")),
                 "credentials: expected web-identity, pod-identity or instance"));
  CHECK(contains(problems_in("{azure: {client_id: a}}"), "missing key \"credentials\" in azure"));
}

TEST_CASE("a variable that cannot be used is named and its value not shown") {
  const std::string problems = problems_in(
      aws("web-identity"), {{"AWS_ROLE_ARN", "hunter2"}, {"AWS_ROLE_SESSION_NAME", "a b"}});
  CHECK(contains(problems,
                 "c.yml:6:53: credentials: the environment variable \"AWS_ROLE_ARN\" cannot "
                 "be used: write it as arn:aws:iam::ACCOUNT:role/NAME"));
  CHECK(contains(problems, "\"AWS_ROLE_SESSION_NAME\" cannot be used"));
  CHECK_FALSE(contains(problems, "hunter2"));
}

}  // namespace inferometer::config
