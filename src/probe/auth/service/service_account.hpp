#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/secret.hpp"

#include <string>

/// Google's service accounts: a token is requested with a signed assertion (RFC 7523). Source:
/// Google's "Using OAuth 2.0 for Server to Server Applications".
namespace inferometer::probe::auth {

/// The key of one, as Google's console gives it.
struct ServiceAccount {
  std::string client_email;
  std::string private_key_id;
  base::Secret private_key;  ///< PEM
  std::string token_uri;     ///< https, or http to this machine
};

/// Reads the key as it is now. The error names the path and what is wrong, never the content.
[[nodiscard]] base::Result<ServiceAccount> read_service_account(const std::string& path);

/// The statement, a JSON Web Token signed with RS256, that asks for access to Google's cloud; valid
/// for an hour from `now`. Fails if the private key is no RSA key.
[[nodiscard]] base::Result<base::Secret> make_assertion(const ServiceAccount& account,
                                                        base::WallTime now);

}  // namespace inferometer::probe::auth
