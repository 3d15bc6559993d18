#pragma once

#include "base/clock.hpp"
#include "base/secret.hpp"
#include "sim/http/message.hpp"

#include <optional>
#include <string_view>

namespace inferometer::sim {

/// The only access key id that the simulated AWS knows; its secret access key is the server's key.
inline constexpr std::string_view k_access_key_id = "AKIASIMULATOR";

/// Checks the request's AWS Signature Version 4; the response refuses one that has none or a wrong
/// one, with the type and words of AWS. Source: wire-protocols §8.6.
[[nodiscard]] std::optional<http::Response> check_signature(const http::Request& request,
                                                            const base::Secret& secret_access_key,
                                                            base::WallTime now);

}  // namespace inferometer::sim
