#include "probe/auth/oauth2_token.hpp"
#include "probe/auth/requests.hpp"
#include "probe/auth/services.hpp"

#include <array>
#include <utility>

namespace inferometer::probe::auth {
namespace {

constexpr std::string_view k_header = "Metadata-Flavor";
constexpr std::string_view k_flavor = "Google";

constexpr std::array k_google_metadata_hints{
    Hint{"HTTP 404", "attach a service account to this machine, or bind one to the pod's"},
    Hint{"HTTP 403",
         "let the pod's service account act as the one that it is bound to, by "
         "roles/iam.workloadIdentityUser, and give the machine the scope "
         "cloud-platform"}};

}  // namespace

Result<Step> first_step(const config::GoogleMetadataAuth& auth, const CredentialSource& /*source*/,
                        WallTime asked) {
  Step step =
      ask_metadata(transport::Method::get,
                   auth.url + "/computeMetadata/v1/instance/service-accounts/default/token");
  step.request.headers.emplace_back(k_header, k_flavor);
  step.hints = k_google_metadata_hints;
  step.late_hint = "is this a machine or a pod in Google's cloud?";
  step.read = [asked](const transport::ResponseHead& head, std::string_view body) -> Result<Next> {
    if (head.header("metadata-flavor") != k_flavor) {
      return base::fail("the answer has no Metadata-Flavor: Google: no metadata server gave it");
    }
    return read_token(asked)(head, body);
  };
  return step;
}

}  // namespace inferometer::probe::auth
