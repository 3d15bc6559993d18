#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "config/config.hpp"
#include "probe/auth/authorization.hpp"
#include "probe/auth/credential.hpp"
#include "transport/transport.hpp"

#include <string>

namespace inferometer::probe::auth {

/// Signs `request` for Bedrock with AWS Signature Version 4. AWS accepts the signature for five
/// minutes from `now`. Thread-safe.
[[nodiscard]] base::Result<Authorization> sign_for_aws(const AwsKeys& keys,
                                                       const std::string& region,
                                                       const transport::Request& request,
                                                       base::WallTime now);

/// The keys that the configuration names, read anew.
[[nodiscard]] base::Result<AwsKeys> read_static_aws_keys(const config::AwsAuth& auth);

}  // namespace inferometer::probe::auth
