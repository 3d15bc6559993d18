#pragma once

#include "base/clock.hpp"
#include "base/secret.hpp"
#include "protocol/protocol.hpp"

#include <tl/expected.hpp>

#include <functional>
#include <optional>
#include <variant>

namespace inferometer::probe::auth {

/// What AWS' signatures are made with.
struct AwsKeys {
  base::Secret access_key_id;
  base::Secret secret_access_key;
  base::Secret session_token;  ///< empty: none
};

/// What was fetched from another server, with its life: a bearer token of printable ASCII, or keys.
struct Credential {
  std::variant<base::Secret, AwsKeys> value;
  base::Duration life{};  ///< from when it was asked for, to be on the safe side
};

using CredentialResult = tl::expected<Credential, protocol::ApiError>;

/// No value means that our own shutdown cut it.
using CredentialFunction = std::function<void(std::optional<CredentialResult>)>;

}  // namespace inferometer::probe::auth
