#include "probe/auth/authorizer.hpp"

#include "config/secrets.hpp"
#include "probe/auth/aws_signing.hpp"
#include "probe/auth/credential_cache.hpp"

#include <string>
#include <utility>
#include <variant>

namespace inferometer::probe::auth {
namespace {

using base::Result;
using base::Secret;

/// The authorization of those providers whose credentials are at hand.
struct WithoutFetching {
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
    return read_static_aws_keys(auth).and_then(
        [&](const AwsKeys& keys) { return sign_for_aws(keys, auth.region, request, now); });
  }

  /// Of those whose credentials are fetched none comes here.
  template <typename Fetched>
  Result<Authorization> operator()(const Fetched& /*auth*/) const {
    return base::fail("a token is not at hand");
  }
};

/// Of an auth that signs for AWS.
const std::string& region_of(const config::Auth& auth) {
  static const std::string k_none;
  return std::visit(
      []<typename Kind>(const Kind& kind) -> const std::string& {
        if constexpr (requires { kind.region; }) {
          return kind.region;
        } else {
          return k_none;
        }
      },
      auth);
}

protocol::ApiError own_error(const base::Error& error) {
  return {measure::Outcome::internal_error, error.message, {}};
}

}  // namespace

Authorizer::Authorizer(transport::Transport& transport, const base::Clock& clock)
    : m_clock(clock), m_credentials(std::make_shared<CredentialCache>(transport, clock)) {}

Authorizer::~Authorizer() = default;

void Authorizer::authorize(const config::Provider& provider, const protocol::Protocol& protocol,
                           const transport::Request& request, Done done) {
  if (!is_fetched(provider.auth)) {
    done(std::visit(WithoutFetching{protocol, request, m_clock.wall_now()}, provider.auth)
             .map_error(own_error));
    return;
  }
  const auto use = [&request, &clock = m_clock,
                    region = region_of(provider.auth)](const Credential& credential) {
    if (const auto* token = std::get_if<Secret>(&credential.value)) {
      return AuthorizationResult(bearer(*token));
    }
    return sign_for_aws(std::get<AwsKeys>(credential.value), region, request, clock.wall_now())
        .map_error(own_error);
  };
  m_credentials->get(provider,
                     [use, done = std::move(done)](const std::optional<CredentialResult>& fetched) {
                       done(fetched ? std::optional(fetched->and_then(use)) : std::nullopt);
                     });
}

void Authorizer::refresh(const config::Provider& provider) {
  if (is_fetched(provider.auth)) {
    m_credentials->refresh(provider);
  }
}

void Authorizer::keep(const std::vector<config::Provider>& providers) {
  m_credentials->keep(providers);
}

}  // namespace inferometer::probe::auth
