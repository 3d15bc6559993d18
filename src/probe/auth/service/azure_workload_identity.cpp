#include "config/secrets.hpp"
#include "probe/auth/oauth2_token.hpp"
#include "probe/auth/requests.hpp"
#include "probe/auth/services.hpp"
#include "wire/percent_encoding.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace inferometer::probe::auth {
namespace {

/// Codes of Microsoft's "Microsoft Entra authentication and authorization error codes".
constexpr std::array k_workload_hints{
    Hint{"AADSTS700016", "check client_id and tenant_id: the tenant has no such application"},
    Hint{"AADSTS90002", "check tenant_id: there is no such tenant"},
    Hint{"AADSTS900021", "check tenant_id: it is none"},
    Hint{"AADSTS700211", "the identity needs a federated credential for this cluster's issuer"},
    Hint{"AADSTS700212", "the federated credential's audience must be api://AzureADTokenExchange"},
    Hint{"AADSTS700213",
         "the federated credential's subject must be this service account: "
         "system:serviceaccount:NAMESPACE:NAME"},
    Hint{"AADSTS70021",
         "the identity has no federated credential for this service account, or got "
         "it a moment ago"},
    Hint{"AADSTS700024", "the token file is not renewed: it must be a projected volume's"},
    Hint{"AADSTS500011", "check resource: the tenant does not know it"}};

}  // namespace

Result<Step> first_step(const config::AzureWorkloadIdentityAuth& auth,
                        const CredentialSource& source, WallTime asked) {
  if (auth.client_id.empty() || auth.tenant_id.empty() || auth.token_file.empty()) {
    return base::fail(
        "neither the configuration nor the environment says which identity: set AZURE_CLIENT_ID, "
        "AZURE_TENANT_ID and AZURE_FEDERATED_TOKEN_FILE, or give client_id, tenant_id and "
        "token_file");
  }
  const Result<base::Secret> token = config::read_secret(
      config::SecretRef{.kind = config::SecretRef::Kind::file, .name = auth.token_file});
  if (!token) {
    return tl::make_unexpected(token.error());
  }
  Form form;
  form.add("grant_type", "client_credentials").add("client_id", auth.client_id);
  form.add("scope", auth.resource + "/.default");
  form.add("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
  form.add("client_assertion", *token);
  const std::string url =
      fmt::format("{}/{}/oauth2/v2.0/token", auth.authority, wire::percent_encode(auth.tenant_id));
  return post_form(source, url, form).map([asked](Step step) {
    step.request.headers.emplace_back("Accept", "application/json");
    step.hints = k_workload_hints;
    step.read = read_token(asked);
    return step;
  });
}

}  // namespace inferometer::probe::auth
