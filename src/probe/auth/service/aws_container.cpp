#include "config/secrets.hpp"
#include "probe/auth/requests.hpp"
#include "probe/auth/service/aws_keys.hpp"
#include "probe/auth/services.hpp"

#include <array>

namespace inferometer::probe::auth {
namespace {

constexpr std::array k_container_hints{
    Hint{"HTTP 400", "check the pod identity association of this pod's service account"},
    Hint{"HTTP 403", "the role must trust pods.eks.amazonaws.com, or the task's role ECS"},
    Hint{"HTTP 404", "check that the association or the task's role is still there"}};

}  // namespace

Result<Step> first_step(const config::AwsPodIdentityAuth& auth, const CredentialSource& /*source*/,
                        WallTime asked) {
  if (auth.url.empty()) {
    return base::fail(
        "neither AWS_CONTAINER_CREDENTIALS_FULL_URI nor AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is "
        "set: EKS and ECS set one of them in containers that have a role");
  }
  const Result<base::Secret> token = config::read_secret(auth.token);
  if (!token) {
    return tl::make_unexpected(token.error());
  }
  Step step = ask_metadata(transport::Method::get, auth.url);
  // The path is all that keeps others from a task's keys: it is not for logs.
  step.shown = auth.url.substr(0, auth.url.find('/', auth.url.find("://") + 3)) + "/";
  step.wanted = "keys";
  step.hints = k_container_hints;
  step.late_hint = "is the Pod Identity Agent running on this node, or is this a task of ECS?";
  step.request.headers.emplace_back("Accept", "application/json");
  if (!token->empty()) {
    step.request.secret_headers.emplace_back("Authorization", *token);
    step.secrets.push_back(*token);
  }
  step.read = read_aws_keys(asked);
  return step;
}

}  // namespace inferometer::probe::auth
