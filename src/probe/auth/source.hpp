#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "config/config.hpp"
#include "probe/auth/step.hpp"

#include <string>

namespace inferometer::probe::auth {

/// All of a provider that decides how a credential is got.
struct CredentialSource {
  config::Auth auth;  ///< one that is_fetched()
  std::string base_url;
  config::Tls tls;
  config::Proxy proxy;

  bool operator==(const CredentialSource&) const = default;
};

[[nodiscard]] CredentialSource source_of(const config::Provider& provider);

/// Whether that kind of authorization goes by tokens or keys that are fetched.
[[nodiscard]] bool is_fetched(const config::Auth& auth);

/// Reads the secrets anew; the error says which cannot be used. `now` is when the fetching begins.
[[nodiscard]] base::Result<Step> first_step(const CredentialSource& source, base::WallTime now);

}  // namespace inferometer::probe::auth
