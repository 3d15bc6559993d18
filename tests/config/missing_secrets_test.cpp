#include "config/sample.hpp"
#include "config/secrets.hpp"
#include "fakes/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <cstdlib>

namespace inferometer::config {
namespace {

using sample::file;
using sample::variable;

Provider with(Auth auth) {
  Provider provider;
  provider.name = "p";
  provider.auth = std::move(auth);
  return provider;
}

using Keys = std::vector<std::string>;

Keys missing_keys(const Provider& provider) {
  std::vector<std::string> keys;
  for (const MissingSecret& missing : missing_secrets(provider)) {
    keys.push_back(missing.key);
  }
  return keys;
}

constexpr const char* k_unset = "INFEROMETER_TEST_UNSET";
constexpr const char* k_set = "INFEROMETER_TEST_SET";

}  // namespace

TEST_CASE("secrets that can be read are not missing") {
  setenv(k_set, "secret", 1);
  const fakes::TemporaryFolder folder;
  CHECK(missing_secrets(with(std::monostate())).empty());
  CHECK(missing_secrets(with(BearerAuth{variable(k_set)})).empty());
  CHECK(missing_secrets(with(ApiKeyAuth{file(folder.write("key", "secret\n"))})).empty());
  CHECK(missing_secrets(with(GoogleAuth{folder.write("account", "{}")})).empty());
}

TEST_CASE("a missing secret is told with its provider and key and source and what to do") {
  unsetenv(k_unset);
  const auto unset = missing_secrets(with(BearerAuth{variable(k_unset)}));
  REQUIRE(unset.size() == 1);
  CHECK(unset[0].provider == "p");
  CHECK(unset[0].key == "bearer_env");
  CHECK(unset[0].source == k_unset);
  CHECK(unset[0].reason == "the environment variable \"INFEROMETER_TEST_UNSET\" is not set");
  CHECK(unset[0].hint.find("restart") != std::string::npos);
  const auto unread = missing_secrets(with(ApiKeyAuth{file("/nowhere/key")}));
  REQUIRE(unread.size() == 1);
  CHECK(unread[0].key == "api_key_file");
  CHECK(unread[0].source == "/nowhere/key");
  CHECK(unread[0].reason ==
        "the secret file \"/nowhere/key\" cannot be read: No such file or directory");
}

TEST_CASE("an empty secret is as good as none and what it holds is never told") {
  setenv(k_unset, "", 1);
  CHECK(missing_keys(with(BearerAuth{variable(k_unset)})) ==
        std::vector<std::string>{"bearer_env"});
  setenv(k_unset, "half a\nsecret", 1);
  const auto broken = missing_secrets(with(BearerAuth{variable(k_unset)}));
  REQUIRE(broken.size() == 1);
  CHECK(broken[0].reason.find("secret") == std::string::npos);
  unsetenv(k_unset);
}

TEST_CASE("every kind of credential is tried") {
  setenv(k_set, "secret", 1);
  unsetenv(k_unset);
  const SecretRef good = variable(k_set);
  const SecretRef bad = variable(k_unset);
  CHECK(missing_keys(with(GoogleAuth{"/nowhere"})) == Keys{"google_service_account_file"});
  CHECK(
      missing_keys(with(AwsAuth{
          .region = "r", .access_key_id = bad, .secret_access_key = good, .session_token = bad})) ==
      Keys{"access_key_id_env", "session_token_env"});
  CHECK(
      missing_keys(with(AwsAuth{
          .region = "r", .access_key_id = good, .secret_access_key = bad, .session_token = {}})) ==
      Keys{"secret_access_key_env"});
  CHECK(missing_keys(with(
            OAuth2Auth{.token_url = "", .client_id = "", .client_secret = bad, .scope = ""})) ==
        Keys{"client_secret_env"});
  Provider provider = with(std::monostate());
  provider.proxy.password = bad;
  provider.tls = {.ca_file = "/nowhere", .cert_file = "/nowhere", .key_file = "/nowhere"};
  CHECK(missing_keys(provider) == Keys{"password_env", "ca_file", "cert_file", "key_file"});
}

TEST_CASE("what the metrics of a server need is looked at like the rest") {
  unsetenv(k_unset);
  Provider provider = with(std::monostate());
  provider.server_metrics = ServerMetrics{};
  CHECK(missing_keys(provider).empty());
  provider.server_metrics->auth = BearerAuth{variable(k_unset)};
  provider.server_metrics->tls = Tls{.ca_file = "/nowhere"};
  CHECK(missing_keys(provider) == Keys{"bearer_env", "ca_file"});
  provider.server_metrics->auth = HeaderAuth{.name = "X-Key", .value = variable(k_unset)};
  CHECK(missing_keys(provider) == Keys{"value_env", "ca_file"});
}

TEST_CASE("what a cloud's environment does not say is missing, and so are its tokens") {
  unsetenv(k_unset);
  const fakes::TemporaryFolder folder;
  const std::string token = folder.write("token", "jwt\n");
  CHECK(missing_keys(with(AwsWebIdentityAuth{})) == Keys{"role_arn", "token_file"});
  CHECK(missing_keys(with(AwsWebIdentityAuth{.role_arn = "arn", .token_file = token})).empty());
  CHECK(missing_keys(with(AwsWebIdentityAuth{.role_arn = "arn", .token_file = "/nowhere"})) ==
        Keys{"token_file"});
  CHECK(missing_keys(with(AwsPodIdentityAuth{})) == Keys{"credentials"});
  CHECK(missing_keys(with(AwsPodIdentityAuth{.url = "http://a", .token = variable(k_unset)})) ==
        Keys{"credentials"});
  CHECK(missing_keys(with(AwsInstanceAuth{})).empty());
  CHECK(missing_keys(with(GoogleMetadataAuth{})).empty());
  CHECK(missing_keys(with(GoogleExternalAccountAuth{"/nowhere"})) ==
        Keys{"google_external_account_file"});
  CHECK(missing_keys(with(AzureManagedIdentityAuth{.header = variable(k_unset)})) ==
        Keys{"credentials"});
  CHECK(missing_keys(with(AzureWorkloadIdentityAuth{})) ==
        Keys{"client_id", "tenant_id", "token_file"});
  const auto missing = missing_secrets(with(AwsWebIdentityAuth{}));
  CHECK(missing[0].source == "AWS_ROLE_ARN");
  CHECK(missing[0].reason == "the environment variable \"AWS_ROLE_ARN\" is not set");
  CHECK(missing[0].hint.find("eks.amazonaws.com/role-arn") != std::string::npos);
}

TEST_CASE("what auth misses has the place of auth and nothing else has") {
  unsetenv(k_unset);
  Config config;
  config.providers = {with(BearerAuth{variable(k_unset)})};
  config.providers[0].proxy.password = variable(k_unset);
  config.auth_marks["p"] = {.line = 7, .column = 11};
  const auto missing = missing_secrets(config);
  REQUIRE(missing.size() == 2);
  CHECK(missing[0].mark.line == 7);
  CHECK(missing[0].mark.column == 11);
  CHECK(missing[1].mark.line == 0);
}

TEST_CASE("all providers of a configuration are looked at") {
  unsetenv(k_unset);
  Config config;
  config.providers = {with(BearerAuth{variable(k_unset)}), with(std::monostate()),
                      with(ApiKeyAuth{file("/nowhere")})};
  CHECK(missing_secrets(config).size() == 2);
}

}  // namespace inferometer::config
