#pragma once

#include "base/secret.hpp"
#include "sim/http/message.hpp"

#include <string_view>

namespace inferometer::sim {

/// The client that has the server's key as its secret.
inline constexpr std::string_view k_client_id = "sim-client";

/// Answers a request for an OAuth 2 access token, which is the server's own key: by the client's
/// credentials (RFC 6749 §4.4), or by a signed assertion (RFC 7523), whose signature is not
/// checked. A server without a key takes any secret. Source: wire-protocols §12.
[[nodiscard]] http::Response issue_token(const http::Request& request, const base::Secret& key);

}  // namespace inferometer::sim
