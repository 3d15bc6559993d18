#pragma once

#include "base/clock.hpp"
#include "base/secret.hpp"
#include "config/config.hpp"
#include "probe/protocol/protocol.hpp"
#include "probe/transport/transport.hpp"

#include <tl/expected.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// Makes requests authorized ones: keys, signatures, and tokens that are fetched and renewed.
namespace inferometer::probe::auth {

/// What is added to one request.
struct Authorization {
  std::vector<std::pair<std::string, base::Secret>> headers;
  std::vector<base::Secret> secrets;  ///< all that must not show in what the provider echoes
};

/// A secret that cannot be read is an internal_error; a token that is refused, an auth_error.
using AuthorizationResult = tl::expected<Authorization, protocol::ApiError>;

/// Thread-safe.
class Authorizer {
 public:
  /// No value means that our own shutdown cut the fetching of a token.
  using Done = std::function<void(std::optional<AuthorizationResult>)>;

  /// `transport` fetches the tokens: not the one that carries probes, whose measurements it would
  /// disturb. Both outlive the authorizer, or are stopped before it is destroyed.
  Authorizer(transport::Transport& transport, const base::Clock& clock);
  Authorizer(const Authorizer&) = delete;
  Authorizer& operator=(const Authorizer&) = delete;
  ~Authorizer();

  /// Calls `done` once: before it returns where all is at hand, else on the transport's thread as
  /// soon as the token has come or was refused. `request` is as it will be sent, but for the
  /// headers that this adds; a signature is valid for the next few minutes.
  void authorize(const config::Provider& provider, const protocol::Protocol& protocol,
                 const transport::Request& request, Done done);

  /// Begins to fetch the provider's token if it has none or it expires within five minutes, so that
  /// attempts need not wait. Does not block; does nothing for providers without tokens.
  void refresh(const config::Provider& provider);

  /// Forgets the tokens of all other providers, and of those whose `auth` has changed.
  void keep(const std::vector<config::Provider>& providers);

 private:
  struct Impl;
  std::unique_ptr<Impl> m_impl;
};

}  // namespace inferometer::probe::auth
