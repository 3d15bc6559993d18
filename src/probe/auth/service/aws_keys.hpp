#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "probe/auth/credential.hpp"
#include "probe/auth/step.hpp"

#include <string_view>

/// Temporary keys of AWS, in the two forms in which its services hand them out. Strict: keys
/// without a session token or a time of expiry are refused, and so are those that have expired. The
/// errors hold nothing of the body.
namespace inferometer::probe::auth {

/// The JSON of the metadata servers of instances and containers.
[[nodiscard]] base::Result<Credential> parse_aws_keys(std::string_view body, base::WallTime asked);

/// The same, to read a step's answer by.
[[nodiscard]] Step::Read read_aws_keys(base::WallTime asked);

/// The XML of STS' AssumeRoleWithWebIdentity.
[[nodiscard]] base::Result<Credential> parse_sts_reply(std::string_view body, base::WallTime asked);

}  // namespace inferometer::probe::auth
