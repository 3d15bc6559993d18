#include "probe/retry.hpp"

#include <algorithm>
#include <cmath>

namespace inferometer::probe {
namespace {

using base::Duration;
using measure::Outcome;

/// Whether the same request may succeed a little later.
bool is_passing(Outcome outcome) {
  switch (outcome) {
    case Outcome::dns_error:
    case Outcome::connect_error:
    case Outcome::connect_timeout:
    case Outcome::connection_lost:
    case Outcome::rate_limited:
    case Outcome::overloaded:
    case Outcome::server_error:
      return true;
    case Outcome::success:
    case Outcome::tls_error:
    case Outcome::first_token_timeout:
    case Outcome::stalled:
    case Outcome::total_timeout:
    case Outcome::truncated:
    case Outcome::stream_error:
    case Outcome::protocol_error:
    case Outcome::auth_error:
    case Outcome::quota_exhausted:
    case Outcome::client_error:
    case Outcome::context_length:
    case Outcome::content_filtered:
    case Outcome::empty_response:
    case Outcome::validation_failed:
    case Outcome::internal_error:
      return false;
  }
  return false;
}

bool has_text(const measure::Measurement& measurement) {
  return measurement.content_bytes > 0 || measurement.timeline.first_reasoning.has_value();
}

}  // namespace

std::optional<Duration> retry_delay(const measure::Measurement& measurement,
                                    const config::Retries& retries, double draw) {
  if (measurement.attempt > retries.max_retries || !is_passing(measurement.outcome) ||
      has_text(measurement)) {
    return std::nullopt;
  }
  if (measurement.retry_after) {
    return *measurement.retry_after <= retries.max_delay ? measurement.retry_after : std::nullopt;
  }
  const auto most = static_cast<double>(retries.max_delay.count());
  const double backoff =
      std::ldexp(static_cast<double>(retries.base_delay.count()),
                 static_cast<int>(std::min<std::uint32_t>(measurement.attempt - 1, 62)));
  return Duration(static_cast<Duration::rep>(draw * std::min(most, backoff)));
}

}  // namespace inferometer::probe
