#include "config/secrets.hpp"
#include "probe/auth/requests.hpp"
#include "probe/auth/service/aws_keys.hpp"
#include "probe/auth/services.hpp"

#include <array>
#include <utility>

namespace inferometer::probe::auth {
namespace {

constexpr std::array k_sts_hints{
    Hint{"InvalidIdentityToken",
         "IAM needs an OIDC provider of the cluster's issuer, for the audience sts.amazonaws.com"},
    Hint{"ExpiredToken", "the token file is not renewed: it must be a projected volume's"},
    Hint{"IDPRejectedClaim", "the token file is not of the audience that the role trusts"},
    Hint{
        "AccessDenied",
        "the role's trust policy must allow sts:AssumeRoleWithWebIdentity to this service account"},
    Hint{"RegionDisabledException", "activate STS in that region, or name another one"},
    Hint{"ValidationError", "check the role's ARN and the session's name"}};

}  // namespace

Result<Step> first_step(const config::AwsWebIdentityAuth& auth, const CredentialSource& source,
                        WallTime asked) {
  if (auth.role_arn.empty() || auth.token_file.empty()) {
    return base::fail(
        "neither the configuration nor the environment says which role: set AWS_ROLE_ARN and "
        "AWS_WEB_IDENTITY_TOKEN_FILE, or give role_arn and token_file");
  }
  const Result<base::Secret> token = config::read_secret(
      config::SecretRef{.kind = config::SecretRef::Kind::file, .name = auth.token_file});
  if (!token) {
    return tl::make_unexpected(token.error());
  }
  Form form;
  form.add("Action", "AssumeRoleWithWebIdentity").add("Version", "2011-06-15");
  form.add("RoleArn", auth.role_arn).add("RoleSessionName", auth.session_name);
  form.add("WebIdentityToken", *token);
  return post_form(source, auth.sts_url, form).map([asked](Step step) {
    step.wanted = "keys";
    step.hints = k_sts_hints;
    step.read = [asked](const transport::ResponseHead& /*head*/, std::string_view body) {
      return parse_sts_reply(body, asked).map([](Credential keys) {
        return Next(std::move(keys));
      });
    };
    return step;
  });
}

}  // namespace inferometer::probe::auth
