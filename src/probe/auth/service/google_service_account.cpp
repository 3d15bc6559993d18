#include "probe/auth/oauth2_token.hpp"
#include "probe/auth/requests.hpp"
#include "probe/auth/service/service_account.hpp"
#include "probe/auth/services.hpp"

#include <utility>

namespace inferometer::probe::auth {

Result<Step> first_step(const config::GoogleAuth& auth, const CredentialSource& source,
                        WallTime asked) {
  const Result<ServiceAccount> account = read_service_account(auth.service_account_file);
  if (!account) {
    return tl::make_unexpected(account.error());
  }
  const Result<base::Secret> assertion = make_assertion(*account, asked);
  if (!assertion) {
    return tl::make_unexpected(assertion.error());
  }
  Form form;
  form.add("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer");
  form.add("assertion", *assertion);
  return post_form(source, account->token_uri, form).map([asked](Step step) {
    step.request.headers.emplace_back("Accept", "application/json");
    step.read = read_token(asked);
    return step;
  });
}

}  // namespace inferometer::probe::auth
