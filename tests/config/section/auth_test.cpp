#include "config/section/auth.hpp"

#include "config/sample.hpp"

#include <doctest/doctest.h>

namespace inferometer::config {
namespace {

using sample::variable;

/// In the folder of the file.
SecretRef beside(const std::string& name) {
  return sample::file("/etc/inferometer/" + name);
}

std::string messages_of(const std::string& auth) {
  return sample::load_bad(sample::text_with({.provider = "auth: " + auth}));
}

}  // namespace

TEST_CASE("each kind of credential is read") {
  const Config config = sample::load_good(sample::full_text());
  const auto auth = [&config](std::size_t index) { return config.providers.at(index).auth; };
  CHECK(auth(0) == Auth(BearerAuth{variable("API_KEY")}));
  CHECK(auth(1) == Auth(BearerAuth{beside("secrets/key")}));
  CHECK(auth(2) == Auth(ApiKeyAuth{variable("KEY")}));
  CHECK(auth(3) == Auth(ApiKeyAuth{beside("key")}));
  CHECK(auth(4) == Auth(GoogleAuth{"/etc/inferometer/google.json"}));
  CHECK(auth(5) == Auth(AwsAuth{.region = "eu-central-1",
                                .access_key_id = variable("AWS_ACCESS_KEY_ID"),
                                .secret_access_key = beside("aws/secret"),
                                .session_token = variable("AWS_SESSION_TOKEN")}));
  CHECK(auth(6) == Auth(AwsAuth{.region = "us-east-1",
                                .access_key_id = beside("aws/id"),
                                .secret_access_key = variable("AWS_SECRET_ACCESS_KEY"),
                                .session_token = beside("aws/token")}));
  CHECK(auth(7) ==
        Auth(OAuth2Auth{.token_url = "https://login.example.com/tenant/oauth2/v2.0/token",
                        .client_id = "probe",
                        .client_secret = variable("CLIENT_SECRET"),
                        .scope = "https://cognitiveservices.azure.com/.default"}));
  CHECK(auth(8) == Auth(OAuth2Auth{.token_url = "http://127.0.0.1:1/t",
                                   .client_id = "p",
                                   .client_secret = beside("client-secret"),
                                   .scope = {}}));
  CHECK(auth(9) == Auth(AwsWebIdentityAuth{.region = "eu-west-1",
                                           .role_arn = "arn:aws:iam::123456789012:role/probe",
                                           .token_file = "/etc/inferometer/aws/token",
                                           .session_name = "probe",
                                           .sts_url = "https://sts.eu-west-1.amazonaws.com"}));
  CHECK(auth(10) == Auth(GoogleExternalAccountAuth{"/etc/inferometer/external.json"}));
  CHECK(auth(11) == Auth(GoogleMetadataAuth{"http://169.254.169.254"}));
  CHECK(auth(12) ==
        Auth(AzureWorkloadIdentityAuth{.resource = "https://ai.azure.com",
                                       .client_id = "00000000-0000-0000-0000-000000000001",
                                       .tenant_id = "example.onmicrosoft.com",
                                       .token_file = "/etc/inferometer/azure/token",
                                       .authority = "https://login.microsoftonline.com"}));
}

TEST_CASE("a session token may be left out") {
  const Config config = sample::load_good(sample::text_with(
      {.provider = "auth: {aws: {region: a, access_key_id_env: A, secret_access_key_env: B}}"}));
  const auto* aws = std::get_if<AwsAuth>(&config.providers[0].auth);
  REQUIRE(aws != nullptr);
  CHECK_FALSE(aws->session_token.has_value());
}

TEST_CASE("each credential beyond the first is reported") {
  const std::string messages = messages_of(
      "{bearer_env: A, api_key_file: b, google_service_account_file: c, "
      "aws: {region: r, access_key_id_env: A, secret_access_key_env: B}}");
  CHECK(messages.find("both bearer_env and api_key_file are given") != std::string::npos);
  CHECK(messages.find("both bearer_env and google_service_account_file are given") !=
        std::string::npos);
  CHECK(messages.find("both bearer_env and aws are given") != std::string::npos);
}

TEST_CASE("a literal secret within auth is refused with the key to use and not shown") {
  const std::string bearer = messages_of("{bearer: hunter2}");
  CHECK(bearer.find("bearer_env") != std::string::npos);
  const std::string api_key = messages_of("{api_key: hunter2}");
  CHECK(api_key.find("api_key_env") != std::string::npos);
  const std::string aws = messages_of("{aws: {region: r, secret_access_key: hunter2}}");
  CHECK(aws.find("a literal secret: key \"secret_access_key\" in aws") != std::string::npos);
  CHECK(aws.find("missing key \"access_key_id_env\" or \"access_key_id_file\" in aws") !=
        std::string::npos);
  const std::string oauth2 =
      messages_of("{oauth2: {token_url: \"https://a\", client_id: c, client_secret: hunter2}}");
  CHECK(oauth2.find("client_secret_env") != std::string::npos);
  for (const std::string& messages : {bearer, api_key, aws, oauth2}) {
    CHECK(messages.find("hunter2") == std::string::npos);
  }
}

TEST_CASE("what stands in the place of an auth mapping is not shown") {
  CHECK(messages_of("{aws: hunter2}").find("hunter2") == std::string::npos);
  CHECK(messages_of("{oauth2: [hunter2]}").find("hunter2") == std::string::npos);
  CHECK(messages_of("{oauth2: {token_url: \"http://hunter2\", client_id: c, "
                    "client_secret_env: A}}")
            .find("hunter2") == std::string::npos);
}

}  // namespace inferometer::config
