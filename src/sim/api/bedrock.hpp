#pragma once

#include "base/clock.hpp"
#include "base/secret.hpp"
#include "sim/api/wire_format.hpp"
#include "sim/http/message.hpp"

#include <optional>
#include <string>
#include <string_view>

/// What the APIs of AWS Bedrock share: authentication, and errors.
namespace inferometer::sim::bedrock {

/// The only access key id that the simulated AWS knows; its secret access key is the server's key.
inline constexpr std::string_view k_access_key_id = "AKIASIMULATOR";

/// Checks the request's AWS Signature Version 4; the response refuses one that has none or a wrong
/// one, with the type and words of AWS.
[[nodiscard]] std::optional<http::Response> check_signature(const http::Request& request,
                                                            const base::Secret& secret_access_key,
                                                            base::WallTime now);

/// The response that reports `error` before any answer.
[[nodiscard]] http::Response render_error(const ApiError& error);

/// An exception in the middle of a stream.
struct Exception {
  std::string type;     ///< of the header `:exception-type`
  std::string payload;  ///< JSON
};

[[nodiscard]] Exception exception(ErrorKind kind);

}  // namespace inferometer::sim::bedrock
