#include "metrics/probe_series.hpp"

#include "base/clock.hpp"

namespace inferometer::metrics {
namespace {

using measure::Outcome;

void observe(Histogram& histogram, std::optional<measure::Duration> value) {
  if (value) {
    histogram.observe(base::seconds(*value));
  }
}

double as_gauge(std::optional<std::uint64_t> value) {
  return value ? static_cast<double>(*value) : k_unknown;
}

}  // namespace

ProbeSeries::ProbeSeries(const config::TargetKey& key)
    : labels{{"provider", key.provider}, {"model", key.model}, {"workload", key.workload}} {}

void ProbeSeries::record(const measure::Measurement& measurement) {
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
  if (measurement.usage) {
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      tokens[i] += (*measurement.usage).*k_token_labels[i].value;
    }
  }
  if (measurement.suspect) {
    ++suspects;
    return;
  }
  stalls += measure::stalls(measurement);
  if (measurement.outcome == Outcome::success) {
    observe_latencies(measurement);
  }
}

void ProbeSeries::count_outcome(const measure::Measurement& measurement) {
  ++attempts;
  if (measurement.outcome == Outcome::success) {
    success = 1;
    last_success =
        base::unix_seconds(measurement.started_at) +
        base::seconds(measure::duration(measurement).value_or(measure::Duration::zero()));
    usage_missing += measurement.usage ? 0 : 1;
    return;
  }
  ++outcomes[static_cast<std::size_t>(measurement.outcome)];
  if (measurement.outcome != Outcome::internal_error) {
    success = 0;
  }
}

void ProbeSeries::observe_latencies(const measure::Measurement& measurement) {
  observe(ttft, measure::time_to_first_token(measurement));
  observe(first_reasoning, measure::time_to_first_reasoning(measurement));
  for (const measure::Duration gap : measure::inter_token_latencies(measurement)) {
    observe(inter_token_latency, gap);
  }
  observe(time_per_output_token, measure::time_per_output_token(measurement));
  observe(duration, measure::duration(measurement));
  const measure::Phases reached = measure::phases(measurement);
  for (std::size_t i = 0; i < phases.size(); ++i) {
    observe(phases[i], reached.*k_phase_labels[i].value);
  }
  if (const auto speed = measure::output_tokens_per_second(measurement)) {
    output_tokens_per_second.observe(*speed);
  }
  coalesced += measurement.coalesced;
}

void ProbeSeries::end_flight() {
  std::int64_t open = in_flight.load();
  while (open > 0 && !in_flight.compare_exchange_weak(open, open - 1)) {
  }
}

}  // namespace inferometer::metrics
