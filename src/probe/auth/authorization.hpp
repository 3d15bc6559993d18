#pragma once

#include "base/secret.hpp"
#include "protocol/protocol.hpp"

#include <tl/expected.hpp>

#include <string>
#include <utility>
#include <vector>

namespace inferometer::probe::auth {

/// What is added to one request.
struct Authorization {
  std::vector<std::pair<std::string, base::Secret>> headers;
  std::vector<base::Secret> secrets;  ///< all that must not show in what the provider echoes
};

/// A secret that cannot be read is an internal_error; a token that is refused, an auth_error; where
/// no token could be asked for, the outcome is that of the network.
using AuthorizationResult = tl::expected<Authorization, protocol::ApiError>;

/// `Authorization: Bearer …`.
[[nodiscard]] inline Authorization bearer(base::Secret token) {
  base::Secret value("Bearer " + token.reveal());
  Authorization authorization;
  authorization.headers.emplace_back("Authorization", std::move(value));
  authorization.secrets.push_back(std::move(token));
  return authorization;
}

}  // namespace inferometer::probe::auth
