#include "measure/outcome.hpp"

namespace inferometer::measure {

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::success:
      return "success";
    case Outcome::dns_error:
      return "dns_error";
    case Outcome::connect_error:
      return "connect_error";
    case Outcome::connect_timeout:
      return "connect_timeout";
    case Outcome::tls_error:
      return "tls_error";
    case Outcome::first_token_timeout:
      return "first_token_timeout";
    case Outcome::stalled:
      return "stalled";
    case Outcome::total_timeout:
      return "total_timeout";
    case Outcome::connection_lost:
      return "connection_lost";
    case Outcome::truncated:
      return "truncated";
    case Outcome::stream_error:
      return "stream_error";
    case Outcome::protocol_error:
      return "protocol_error";
    case Outcome::auth_error:
      return "auth_error";
    case Outcome::rate_limited:
      return "rate_limited";
    case Outcome::quota_exhausted:
      return "quota_exhausted";
    case Outcome::overloaded:
      return "overloaded";
    case Outcome::server_error:
      return "server_error";
    case Outcome::client_error:
      return "client_error";
    case Outcome::context_length:
      return "context_length";
    case Outcome::content_filtered:
      return "content_filtered";
    case Outcome::empty_response:
      return "empty_response";
    case Outcome::validation_failed:
      return "validation_failed";
    case Outcome::internal_error:
      return "internal_error";
  }
  return "";
}

}  // namespace inferometer::measure
