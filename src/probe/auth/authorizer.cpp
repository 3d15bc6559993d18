#include "probe/auth/authorizer.hpp"

#include "config/secrets.hpp"
#include "probe/auth/aws_signing.hpp"
#include "probe/auth/token_cache.hpp"

#include <string>
#include <utility>
#include <variant>

namespace inferometer::probe::auth {
namespace {

using base::Result;
using base::Secret;

/// The authorization of those providers that need no token.
struct WithoutToken {
  const protocol::Protocol& protocol;
  const transport::Request& request;
  base::WallTime now;

  Result<Authorization> operator()(const std::monostate& /*none*/) const { return Authorization{}; }

  Result<Authorization> operator()(const config::BearerAuth& auth) const {
    return config::read_secret(auth.token).map(bearer);
  }

  Result<Authorization> operator()(const config::ApiKeyAuth& auth) const {
    return config::read_secret(auth.key).map([this](Secret key) {
      if (protocol.api_key_header.empty()) {
        return bearer(std::move(key));
      }
      return Authorization{.headers = {{std::string(protocol.api_key_header), key}},
                           .secrets = {key}};
    });
  }

  Result<Authorization> operator()(const config::AwsAuth& auth) const {
    return sign_for_aws(auth, request, now);
  }

  // Neither comes here: see needs_token().
  Result<Authorization> operator()(const config::GoogleAuth& /*auth*/) const { return no_token(); }
  Result<Authorization> operator()(const config::OAuth2Auth& /*auth*/) const { return no_token(); }

 private:
  static Result<Authorization> no_token() { return base::fail("a token is not at hand"); }
};

}  // namespace

bool needs_token(const config::Auth& auth) {
  return std::holds_alternative<config::GoogleAuth>(auth) ||
         std::holds_alternative<config::OAuth2Auth>(auth);
}

Authorizer::Authorizer(transport::Transport& transport, const base::Clock& clock)
    : m_clock(clock), m_tokens(std::make_shared<TokenCache>(transport, clock)) {}

Authorizer::~Authorizer() = default;

void Authorizer::authorize(const config::Provider& provider, const protocol::Protocol& protocol,
                           const transport::Request& request, Done done) {
  if (needs_token(provider.auth)) {
    m_tokens->get(provider, [done = std::move(done)](std::optional<TokenResult> token) {
      done(token ? std::optional(
                       token->map([](const Token& granted) { return bearer(granted.value); }))
                 : std::nullopt);
    });
    return;
  }
  done(std::visit(WithoutToken{protocol, request, m_clock.wall_now()}, provider.auth)
           .map_error([](const base::Error& error) {
             return protocol::ApiError{measure::Outcome::internal_error, error.message, {}};
           }));
}

void Authorizer::refresh(const config::Provider& provider) {
  if (needs_token(provider.auth)) {
    m_tokens->refresh(provider);
  }
}

void Authorizer::keep(const std::vector<config::Provider>& providers) {
  m_tokens->keep(providers);
}

}  // namespace inferometer::probe::auth
