#include "probe/auth/source.hpp"

#include "fakes/temporary_folder.hpp"
#include "probe/auth/secret_file.hpp"
#include "probe/auth/service/service_account_key.hpp"

#include <doctest/doctest.h>

namespace inferometer::probe::auth {
namespace {

struct Source {
  fakes::TemporaryFolder folder;
  CredentialSource source{
      .auth = config::OAuth2Auth{.token_url = "https://login.example/t/token",
                                 .client_id = "id&1",
                                 .client_secret = secret_file(folder, "secret", "s+e c=r%"),
                                 .scope = "https://api/.default"},
      .base_url = "https://api.example/v1",
      .tls = {},
      .proxy = {}};
};

}  // namespace

TEST_CASE("credential source: client credentials go as an escaped form") {
  const Source source;
  const auto made = first_step(source.source, base::WallTime{});
  REQUIRE(made);
  CHECK(made->request.method == transport::Method::post);
  CHECK(made->request.url == "https://login.example/t/token");
  CHECK(made->request.headers ==
        std::vector<std::pair<std::string, std::string>>{
            {"Content-Type", "application/x-www-form-urlencoded"}, {"Accept", "application/json"}});
  CHECK(made->request.body ==
        "grant_type=client_credentials&client_id=id%261&client_secret=s%2Be%20c%3Dr%25"
        "&scope=https%3A%2F%2Fapi%2F.default");
}

TEST_CASE("credential source: an empty scope is left out") {
  Source source;
  std::get<config::OAuth2Auth>(source.source.auth).scope.clear();
  const auto made = first_step(source.source, base::WallTime{});
  REQUIRE(made);
  CHECK(made->request.body.ends_with("client_secret=s%2Be%20c%3Dr%25"));
}

TEST_CASE("credential source: a service account asks with its assertion") {
  Source source;
  source.source.auth =
      config::GoogleAuth{source.folder.write("key.json", service_account_json().dump())};
  const auto made = first_step(source.source, base::WallTime{});
  REQUIRE(made);
  CHECK(made->request.url == "https://oauth2.googleapis.com/token");
  const std::string begin =
      "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=";
  REQUIRE(made->request.body.starts_with(begin));
  REQUIRE_FALSE(made->secrets.empty());
  CHECK(made->secrets[0].reveal() == made->request.body.substr(begin.size()));
}

TEST_CASE("credential source: it travels as the provider's own requests do") {
  Source source;
  source.source.tls = {.ca_file = "/ca.pem", .server_name = "other"};
  source.source.proxy = {.url = "http://proxy:3128",
                         .username = "u",
                         .password = secret_file(source.folder, "proxy", "proxy-password"),
                         .no_proxy = {}};
  const auto elsewhere = first_step(source.source, base::WallTime{});
  REQUIRE(elsewhere);
  CHECK(elsewhere->request.tls.ca_file == "/ca.pem");
  CHECK(elsewhere->request.tls.server_name.empty());
  CHECK(elsewhere->request.proxy == source.source.proxy);
  CHECK(elsewhere->request.proxy_password.reveal() == "proxy-password");
  source.source.base_url = "https://login.example";
  CHECK(first_step(source.source, base::WallTime{})->request.tls.server_name == "other");
}

TEST_CASE("credential source: what cannot be read is named") {
  Source source;
  source.source.proxy.password = missing_secret();
  const auto made = first_step(source.source, base::WallTime{});
  REQUIRE_FALSE(made);
  CHECK(made.error().message.find("/nonexistent/secret") != std::string::npos);
  std::get<config::OAuth2Auth>(source.source.auth).client_secret = missing_secret();
  CHECK_FALSE(first_step(source.source, base::WallTime{}));
  source.source.auth = config::GoogleAuth{"/nonexistent/key.json"};
  CHECK_FALSE(first_step(source.source, base::WallTime{}));
  source.source.auth = std::monostate{};
  CHECK_FALSE(first_step(source.source, base::WallTime{}));
}

TEST_CASE("credential source: what a service grants is fetched and what is at hand is not") {
  CHECK(is_fetched(config::GoogleAuth{}));
  CHECK(is_fetched(config::OAuth2Auth{}));
  CHECK(is_fetched(config::GoogleMetadataAuth{}));
  CHECK(is_fetched(config::GoogleExternalAccountAuth{}));
  CHECK(is_fetched(config::AwsWebIdentityAuth{}));
  CHECK(is_fetched(config::AwsPodIdentityAuth{}));
  CHECK(is_fetched(config::AwsInstanceAuth{}));
  CHECK(is_fetched(config::AzureManagedIdentityAuth{}));
  CHECK(is_fetched(config::AzureWorkloadIdentityAuth{}));
  CHECK_FALSE(is_fetched(config::AwsAuth{}));
  CHECK_FALSE(is_fetched(config::BearerAuth{}));
  CHECK_FALSE(is_fetched(config::ApiKeyAuth{}));
  CHECK_FALSE(is_fetched(std::monostate{}));
}

}  // namespace inferometer::probe::auth
