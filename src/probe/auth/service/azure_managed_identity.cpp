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

constexpr std::array k_managed_hints{
    Hint{"Identity not found", "assign a managed identity to this machine, or check client_id"},
    Hint{"Multiple user assigned identities", "say by client_id which one"},
    Hint{"HTTP 404", "the identity is not assigned here: check client_id"}};

}  // namespace

Result<Step> first_step(const config::AzureManagedIdentityAuth& auth,
                        const CredentialSource& /*source*/, WallTime asked) {
  const Result<base::Secret> secret = config::read_secret(auth.header);
  if (!secret) {
    return tl::make_unexpected(secret.error());
  }
  const bool is_app = auth.header.has_value();
  std::string url =
      fmt::format("{}?api-version={}&resource={}", auth.url, is_app ? "2019-08-01" : "2018-02-01",
                  wire::percent_encode(auth.resource));
  if (!auth.client_id.empty()) {
    url += "&client_id=" + wire::percent_encode(auth.client_id);
  }
  Step step = ask_metadata(transport::Method::get, std::move(url));
  step.shown = auth.url;
  if (is_app) {
    step.request.secret_headers.emplace_back("X-IDENTITY-HEADER", *secret);
    step.secrets.push_back(*secret);
  } else {
    step.request.headers.emplace_back("Metadata", "true");
  }
  step.hints = k_managed_hints;
  step.late_hint = "is this a machine in Azure? Pods of AKS are to use workload-identity";
  step.read = read_token(asked);
  return step;
}

}  // namespace inferometer::probe::auth
