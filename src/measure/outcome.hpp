#pragma once

#include <array>
#include <string_view>

namespace inferometer::measure {

/// How an attempt ended. Closed: it is the only failure label (`reason`), so it bounds the series.
enum class Outcome {
  success,
  dns_error,            ///< the name did not resolve
  connect_error,        ///< refused, unreachable, or the proxy failed
  connect_timeout,      ///< no ready connection (name, TCP, TLS) in time
  tls_error,            ///< handshake failed or the certificate is not trusted
  first_token_timeout,  ///< the request was sent, no generated text came in time
  stalled,              ///< text began, then the gap to the next was too long
  total_timeout,        ///< the whole attempt took too long
  connection_lost,      ///< reset or closed in the middle of a response
  truncated,            ///< the response ended well-formed, but without terminator or finish reason
  stream_error,         ///< HTTP 200, then an error inside the stream that names no other class
  protocol_error,       ///< not what the protocol allows: bad JSON, wrong content type, too long
  auth_error,
  rate_limited,
  quota_exhausted,
  overloaded,
  server_error,
  client_error,
  context_length,
  content_filtered,
  empty_response,     ///< a well-formed stream without any text
  validation_failed,  ///< the text is not what the workload expects
  internal_error,     ///< ours; never counts against a provider
};

inline constexpr std::array k_outcomes{
    Outcome::success,           Outcome::dns_error,        Outcome::connect_error,
    Outcome::connect_timeout,   Outcome::tls_error,        Outcome::first_token_timeout,
    Outcome::stalled,           Outcome::total_timeout,    Outcome::connection_lost,
    Outcome::truncated,         Outcome::stream_error,     Outcome::protocol_error,
    Outcome::auth_error,        Outcome::rate_limited,     Outcome::quota_exhausted,
    Outcome::overloaded,        Outcome::server_error,     Outcome::client_error,
    Outcome::context_length,    Outcome::content_filtered, Outcome::empty_response,
    Outcome::validation_failed, Outcome::internal_error,
};

/// The outcome as the `reason` label writes it: the enumerator's own name.
[[nodiscard]] std::string_view to_string(Outcome outcome);

}  // namespace inferometer::measure
