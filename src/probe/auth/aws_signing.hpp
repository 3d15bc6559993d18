#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "config/config.hpp"
#include "probe/auth/authorization.hpp"
#include "transport/transport.hpp"

namespace inferometer::probe::auth {

/// Signs `request` for Bedrock with AWS Signature Version 4; reads the secrets anew. AWS accepts
/// the signature for five minutes from `now`. Thread-safe.
[[nodiscard]] base::Result<Authorization> sign_for_aws(const config::AwsAuth& auth,
                                                       const transport::Request& request,
                                                       base::WallTime now);

}  // namespace inferometer::probe::auth
