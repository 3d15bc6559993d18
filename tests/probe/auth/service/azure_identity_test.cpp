#include "probe/auth/secret_file.hpp"
#include "probe/auth/service/cloud_stand_in.hpp"

namespace inferometer::probe::auth {
namespace {

const std::string k_entra_token =
    R"({"token_type":"Bearer","expires_in":3599,"ext_expires_in":3599,"access_token":"eyJ.entra"})";
/// As the machine's metadata service writes it: numbers as texts.
const std::string k_managed_token =
    R"({"access_token":"eyJ.managed","client_id":"c","expires_in":"86399","expires_on":"1700090000",)"
    R"("resource":"https://cognitiveservices.azure.com","token_type":"Bearer"})";
const std::string k_resource = "https://cognitiveservices.azure.com";

CloudFetch managed(const fakes::ScriptedServer& imds, std::string client_id = "") {
  return CloudFetch(
      config::AzureManagedIdentityAuth{.resource = k_resource,
                                       .client_id = std::move(client_id),
                                       .url = imds.url("/metadata/identity/oauth2/token"),
                                       .header = {}});
}

struct Workload : CloudFetch {
  explicit Workload(const fakes::ScriptedServer& entra) : CloudFetch(config::Auth()) {
    provider.auth =
        config::AzureWorkloadIdentityAuth{.resource = k_resource,
                                          .client_id = "client-1",
                                          .tenant_id = "tenant-1",
                                          .token_file = folder.write("token", "aks.jwt.one\n"),
                                          .authority = origin(entra)};
  }
};

}  // namespace

TEST_CASE("azure managed identity: the machine's token, never by a proxy") {
  const fakes::ScriptedServer imds(replies(200, k_managed_token));
  CloudFetch fetch = managed(imds);
  fetch.provider.proxy = dead_proxy();
  CHECK(fetch.token() == "eyJ.managed");
  REQUIRE(imds.requests().size() == 1);
  CHECK(imds.requests()[0].starts_with(
      "GET /metadata/identity/oauth2/token?api-version=2018-02-01"
      "&resource=https%3A%2F%2Fcognitiveservices.azure.com HTTP/1.1\r\n"));
  CHECK(contains(imds.requests()[0], "\r\nMetadata: true\r\n"));
  CHECK(managed(imds, "id-1").token() == "eyJ.managed");
  CHECK(contains(imds.requests()[1], "&client_id=id-1 HTTP/1.1\r\n"));
}

TEST_CASE("azure managed identity: App Service's endpoint is asked with its header") {
  const fakes::ScriptedServer app(
      replies(200, R"({"access_token":"eyJ.app","expires_on":"1700004200","resource":"r",)"
                   R"("token_type":"Bearer"})"));
  CloudFetch fetch = managed(app);
  auto& auth = std::get<config::AzureManagedIdentityAuth>(fetch.provider.auth);
  auth.url = app.url("/msi/token");
  auth.header = secret_file(fetch.folder, "header", "app-header-secret");
  CHECK(fetch.token() == "eyJ.app");
  CHECK(app.requests()[0].starts_with("GET /msi/token?api-version=2019-08-01&resource=https"));
  CHECK(contains(app.requests()[0], "X-IDENTITY-HEADER: app-header-secret\r\n"));
  CHECK_FALSE(contains(app.requests()[0], "Metadata: true"));
  fetch.clock.advance(
      std::chrono::minutes(10));  // of expires_on, 600 s after the clock's beginning
  (void)fetch.get();
  CHECK(app.requests().size() == 2);
}

TEST_CASE("azure managed identity: refusals are told with what to do") {
  const fakes::ScriptedServer none(
      replies(400, R"({"error":"invalid_request","error_description":"Identity not found"})"));
  CHECK(managed(none).error() ==
        fmt::format("auth_error: no token from \"{}/metadata/identity/oauth2/token\": HTTP 400: "
                    "invalid_request: Identity not found: assign a managed identity to this "
                    "machine, or check client_id",
                    origin(none)));
  const fakes::ScriptedServer busy(replies(429, ""));
  CHECK(managed(busy).error().starts_with("rate_limited: "));
  const CloudFetch nobody(config::AzureManagedIdentityAuth{
      .resource = k_resource, .client_id = "", .url = "http://127.0.0.1:1/t", .header = {}});
  CHECK(contains(nobody.error(), "Pods of AKS are to use workload-identity"));
}

TEST_CASE("azure workload identity: the file's token is the client's assertion") {
  const fakes::ScriptedServer entra(replies(200, k_entra_token));
  Workload fetch(entra);
  CHECK(fetch.token() == "eyJ.entra");
  CHECK(entra.requests()[0].starts_with("POST /tenant-1/oauth2/v2.0/token HTTP/1.1\r\n"));
  CHECK(entra.requests()[0].ends_with(
      "\r\n\r\ngrant_type=client_credentials&client_id=client-1"
      "&scope=https%3A%2F%2Fcognitiveservices.azure.com%2F.default"
      "&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
      "&client_assertion=aks.jwt.one"));
  (void)fetch.folder.write("token", "aks.jwt.two");
  fetch.clock.advance(std::chrono::hours(1));
  (void)fetch.token();
  CHECK(entra.requests()[1].ends_with("&client_assertion=aks.jwt.two"));
}

TEST_CASE("azure workload identity: Entra's codes are told with what to do, and no token") {
  const auto refusal = [](std::string_view error, std::string_view description) {
    const fakes::ScriptedServer entra(replies(
        401, fmt::format(R"({{"error":"{}","error_description":"{}"}})", error, description)));
    std::string told = Workload(entra).error();
    CHECK(told.starts_with("auth_error: "));
    CHECK_FALSE(contains(told, "aks.jwt.one"));
    return told;
  };
  CHECK(contains(refusal("unauthorized_client",
                         "AADSTS700016: Application with identifier 'client-1' was not found"),
                 "was not found: check client_id and tenant_id"));
  CHECK(contains(refusal("invalid_client", "AADSTS700213: No matching federated identity record"),
                 "record: the federated credential's subject must be this service account"));
  CHECK(contains(refusal("invalid_client", "AADSTS70021: No matching federated identity record"),
                 "record: the identity has no federated credential"));
  CHECK(contains(refusal("invalid_client", "AADSTS700024: aks.jwt.one is not within its time"),
                 "AADSTS700024: <secret> is not within its time: the token file is not renewed"));
  CHECK(contains(refusal("invalid_request", "AADSTS90002: Tenant 'tenant-1' not found."),
                 "check tenant_id: there is no such tenant"));
}

TEST_CASE("azure workload identity: what is missing is said and nothing is asked") {
  const fakes::ScriptedServer entra(replies(200, k_entra_token));
  for (const auto member : {&config::AzureWorkloadIdentityAuth::client_id,
                            &config::AzureWorkloadIdentityAuth::tenant_id,
                            &config::AzureWorkloadIdentityAuth::token_file}) {
    Workload fetch(entra);
    (std::get<config::AzureWorkloadIdentityAuth>(fetch.provider.auth).*member).clear();
    const std::string error = fetch.error();
    CHECK(error.starts_with("internal_error: "));
    CHECK(contains(error, "set AZURE_CLIENT_ID, AZURE_TENANT_ID and AZURE_FEDERATED_TOKEN_FILE"));
  }
  CHECK(entra.requests().empty());
}

}  // namespace inferometer::probe::auth
