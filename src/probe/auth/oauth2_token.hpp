#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/secret.hpp"
#include "probe/auth/credential.hpp"
#include "probe/auth/step.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string_view>

/// Tokens of OAuth2 (RFC 6749, 5.1), and answers that are like them.
namespace inferometer::probe::auth {

/// A response with status 200. Strict: what is no bearer token with a life is refused. The life is
/// `expires_in`, or else the time from `asked` until `expires_on`, as Azure's metadata servers say
/// it; an hour where both are missing. The error holds nothing of the body.
[[nodiscard]] base::Result<Credential> parse_token(std::string_view body, base::WallTime asked);

/// The same, to read a step's answer by.
[[nodiscard]] Step::Read read_token(base::WallTime asked);

/// The text member, taken out of `object`: visible ASCII, as headers can carry it. The error says
/// what is wrong with the member.
[[nodiscard]] base::Result<base::Secret> take_secret(nlohmann::json& object, const char* name);

/// From `asked` until `text`, a time of RFC 3339; an error if that is no time or not a second
/// ahead. Longer lives than a year are a year.
[[nodiscard]] base::Result<base::Duration> life_until(std::string_view text, base::WallTime asked);

}  // namespace inferometer::probe::auth
