#include "metrics/probe_counters.hpp"

#include <algorithm>
#include <optional>

namespace inferometer::metrics {
namespace {

using measure::Outcome;

double as_gauge(std::optional<std::uint64_t> value) {
  return value ? static_cast<double>(*value) : k_unknown;
}

}  // namespace

void ProbeCounters::record(const measure::Measurement& measurement) {
  end_flight();
  count_outcome(measurement);
  if (const auto expiry = measurement.connection.certificate_expiry) {
    certificate_expiry = base::unix_seconds(*expiry);
  }
  retries += measurement.attempt > 1 ? 1 : 0;
  for (const measure::RateLimit& given : measurement.rate_limits) {
    RateLimitGauges& gauges = rate_limits[static_cast<std::size_t>(given.resource)];
    gauges.limit = as_gauge(given.limit);
    gauges.remaining = as_gauge(given.remaining);
  }
  count_tokens(measurement);
  if (const auto& tcp = measurement.connection.tcp) {
    tcp_retransmissions += tcp->retransmissions;
    tcp_out_of_order += tcp->out_of_order;
  }
  if (measurement.suspect) {
    count_suspect(measurement.outcome);
  } else {
    count_stream(measurement);
  }
}

void ProbeCounters::record_on_demand(const measure::Measurement& measurement) {
  ++on_demand;
  count_tokens(measurement);
}

void ProbeCounters::count_tokens(const measure::Measurement& measurement) {
  if (measurement.usage) {
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      tokens[i] += ((*measurement.usage).*k_token_labels[i].value).value_or(0);
    }
  }
}

void ProbeCounters::count_suspect(Outcome outcome) {
  const auto& known = measure::k_suspect_outcomes;
  const auto found = std::find(known.begin(), known.end(), outcome);
  if (found != known.end()) {
    ++suspects[static_cast<std::size_t>(found - known.begin())];
  }
}

void ProbeCounters::count_stream(const measure::Measurement& measurement) {
  stalls += measure::stalls(measurement);
  if (measurement.outcome == Outcome::success) {
    coalesced += measurement.coalesced;
    gaps_lost += measure::lost_gaps(measurement);
    buffered += measure::is_buffered(measurement) ? 1 : 0;
  }
}

void ProbeCounters::count_outcome(const measure::Measurement& measurement) {
  ++attempts;
  if (measurement.outcome == Outcome::success) {
    success = 1;
    last_success =
        base::unix_seconds(measurement.started_at) +
        base::seconds(measure::duration(measurement).value_or(measure::Duration::zero()));
    count_usage_gap(measure::usage_gap(measurement));
    return;
  }
  ++outcomes[static_cast<std::size_t>(measurement.outcome)];
  if (measurement.outcome != Outcome::internal_error || measurement.no_credentials) {
    success = 0;
  }
}

void ProbeCounters::count_usage_gap(measure::UsageGap gap) {
  for (std::size_t i = 0; i < usage_missing.size(); ++i) {
    usage_missing[i] += measure::k_usage_gaps[i] == gap ? 1 : 0;
  }
}

void ProbeCounters::end_flight() {
  std::int64_t open = in_flight.load();
  while (open > 0 && !in_flight.compare_exchange_weak(open, open - 1)) {
  }
}

}  // namespace inferometer::metrics
