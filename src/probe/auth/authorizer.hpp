#pragma once

#include "base/clock.hpp"
#include "config/config.hpp"
#include "probe/auth/authorization.hpp"
#include "probe/auth/source.hpp"
#include "protocol/protocol.hpp"
#include "transport/transport.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <vector>

/// Makes requests authorized ones: keys, signatures, and credentials that are fetched and renewed.
namespace inferometer::probe::auth {

class CredentialCache;

/// Thread-safe.
class Authorizer {
 public:
  /// No value means that our own shutdown cut the fetching of a credential.
  using Done = std::function<void(std::optional<AuthorizationResult>)>;

  /// `transport` fetches credentials: not the one that carries probes, whose measurements it would
  /// disturb. It and the clock must stay valid until it has stopped.
  Authorizer(transport::Transport& transport, const base::Clock& clock);
  Authorizer(const Authorizer&) = delete;
  Authorizer& operator=(const Authorizer&) = delete;
  ~Authorizer();

  /// Calls `done` once: before it returns where nothing has to be fetched, else on the transport's
  /// thread as soon as the credential has come or was refused. `request` must stay valid until
  /// then; it is as it will be sent, but for the headers that this adds. A signature is valid for
  /// the next few minutes. Secrets are read anew each time; a credential that has expired is never
  /// used.
  void authorize(const config::Provider& provider, const protocol::Protocol& protocol,
                 const transport::Request& request, Done done);

  /// Begins to fetch the provider's credential if it has none or it expires within five minutes, so
  /// that attempts need not wait. Does not block; does nothing where none is fetched.
  void refresh(const config::Provider& provider);

  /// Forgets the credentials of all other providers, and of those whose `auth` has changed.
  void keep(const std::vector<config::Provider>& providers);

 private:
  const base::Clock& m_clock;
  const std::shared_ptr<CredentialCache>
      m_credentials;  // shared with the fetches that are under way
};

}  // namespace inferometer::probe::auth
