#include "config/secrets.hpp"
#include "probe/auth/oauth2_token.hpp"
#include "probe/auth/requests.hpp"
#include "probe/auth/services.hpp"

#include <utility>

namespace inferometer::probe::auth {

Result<Step> first_step(const config::OAuth2Auth& auth, const CredentialSource& source,
                        WallTime asked) {
  const Result<base::Secret> secret = config::read_secret(auth.client_secret);
  if (!secret) {
    return tl::make_unexpected(secret.error());
  }
  Form form;
  form.add("grant_type", "client_credentials").add("client_id", auth.client_id);
  form.add("client_secret", *secret);
  if (!auth.scope.empty()) {
    form.add("scope", auth.scope);
  }
  return post_form(source, auth.token_url, form).map([asked](Step step) {
    step.request.headers.emplace_back("Accept", "application/json");
    step.read = read_token(asked);
    return step;
  });
}

}  // namespace inferometer::probe::auth
