#include "config/secrets.hpp"
#include "probe/auth/service_account.hpp"
#include "probe/auth/token.hpp"
#include "wire/percent_encoding.hpp"

#include <utility>
#include <variant>

namespace inferometer::probe::auth {
namespace {

using base::Result;
using base::Secret;

/// What is asked, and where.
struct Form {
  std::string url;
  std::string body;
  std::vector<Secret> secrets;
};

/// A secret as it is, and as the form has it.
void add_secret(Form& form, const Secret& secret) {
  form.secrets.push_back(secret);
  form.secrets.emplace_back(wire::percent_encode(secret.reveal()));
}

Result<Form> make_form(const config::GoogleAuth& auth, base::WallTime now) {
  const Result<ServiceAccount> account = read_service_account(auth.service_account_file);
  if (!account) {
    return tl::make_unexpected(account.error());
  }
  const Result<Secret> assertion = make_assertion(*account, now);
  if (!assertion) {
    return tl::make_unexpected(assertion.error());
  }
  Form form;
  form.url = account->token_uri;
  // An assertion's characters need no escapes.
  form.body = "grant_type=" + wire::percent_encode("urn:ietf:params:oauth:grant-type:jwt-bearer") +
              "&assertion=" + assertion->reveal();
  form.secrets.push_back(*assertion);
  return form;
}

Result<Form> make_form(const config::OAuth2Auth& auth) {
  const Result<Secret> secret = config::read_secret(auth.client_secret);
  if (!secret) {
    return tl::make_unexpected(secret.error());
  }
  Form form;
  form.url = auth.token_url;
  form.body = "grant_type=client_credentials&client_id=" + wire::percent_encode(auth.client_id) +
              "&client_secret=" + wire::percent_encode(secret->reveal());
  if (!auth.scope.empty()) {
    form.body += "&scope=" + wire::percent_encode(auth.scope);
  }
  add_secret(form, *secret);
  return form;
}

Result<Form> make_form(const config::Auth& auth, base::WallTime now) {
  if (const auto* google = std::get_if<config::GoogleAuth>(&auth)) {
    return make_form(*google, now);
  }
  if (const auto* oauth2 = std::get_if<config::OAuth2Auth>(&auth)) {
    return make_form(*oauth2);
  }
  return base::fail("the provider's auth needs no token");
}

/// `https://host:443` of `https://host:443/path`.
std::string_view origin_of(std::string_view url) {
  return url.substr(0, url.find('/', url.find("://") + 3));
}

}  // namespace

TokenSource token_source_of(const config::Provider& provider) {
  return {.auth = provider.auth,
          .base_url = provider.base_url,
          .tls = provider.tls,
          .proxy = provider.proxy};
}

Result<TokenRequest> make_token_request(const TokenSource& source, base::WallTime now) {
  Result<Form> form = make_form(source.auth, now);
  if (!form) {
    return tl::make_unexpected(form.error());
  }
  Result<Secret> proxy_password = config::read_secret(source.proxy.password);
  if (!proxy_password) {
    return tl::make_unexpected(proxy_password.error());
  }
  TokenRequest token_request{.request = {}, .secrets = std::move(form->secrets)};
  token_request.secrets.push_back(*proxy_password);
  transport::Request& request = token_request.request;
  request.url = std::move(form->url);
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                     {"Accept", "application/json"}};
  request.body = std::move(form->body);
  request.tls = source.tls;
  if (origin_of(request.url) != origin_of(source.base_url)) {
    request.tls.server_name.clear();  // it is the name of another host
  }
  request.proxy = source.proxy;
  request.proxy_password = *std::move(proxy_password);
  return token_request;
}

}  // namespace inferometer::probe::auth
