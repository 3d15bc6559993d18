#include "metrics/probe_series.hpp"

#include "base/clock.hpp"
#include "metrics/catalogue.hpp"
#include "metrics/histogram/exemplar.hpp"

#include <algorithm>
#include <utility>

namespace inferometer::metrics {
namespace {

using measure::Measurement;
using LayoutPtr = std::shared_ptr<const HistogramLayout>;

LayoutPtr make_layout(const Metric& metric, int schema, const std::vector<double>& more = {}) {
  std::vector<double> edges(metric.edges.begin(), metric.edges.end());
  edges.insert(edges.end(), more.begin(), more.end());
  return std::make_shared<const HistogramLayout>(std::move(edges), schema);
}

/// The histogram of before where its layout is still the right one.
std::shared_ptr<Histogram> keep_or_make(const std::shared_ptr<Histogram>* before,
                                        const LayoutPtr& layout, base::WallTime created) {
  return before != nullptr && (*before)->layout() == *layout
             ? *before
             : std::make_shared<Histogram>(layout, created);
}

}  // namespace

ProbeLayouts::ProbeLayouts(const Thresholds& thresholds, int native_schema)
    : ttft(make_layout(metric("llm_probe_ttft_seconds"), native_schema, thresholds.ttft)),
      server_ttft(make_layout(metric("llm_probe_server_ttft_seconds"), native_schema)),
      first_reasoning(make_layout(metric("llm_probe_first_reasoning_seconds"), native_schema)),
      inter_token_latency(
          make_layout(metric("llm_probe_inter_token_latency_seconds"), native_schema)),
      time_per_output_token(make_layout(metric("llm_probe_time_per_output_token_seconds"),
                                        native_schema, thresholds.time_per_output_token)),
      duration(
          make_layout(metric("llm_probe_duration_seconds"), native_schema, thresholds.duration)),
      phase(make_layout(metric("llm_probe_phase_seconds"), native_schema)),
      output_tokens_per_second(
          make_layout(metric("llm_probe_output_tokens_per_second"), native_schema)),
      tcp_rtt(make_layout(metric("llm_probe_tcp_rtt_seconds"), native_schema)) {}

ProbeSeries::ProbeSeries(const SeriesPlan& plan, const ProbeLayouts& layouts, bool shows_hold,
                         base::WallTime created, const ProbeSeries* before)
    : allowance(shows_hold ? plan.allowance : nullptr) {
  const config::TargetKey& key = plan.key;
  if (allowance) {
    hold_labels = make_labels({{"provider", key.provider}, {"model", key.model}}, plan.labels);
  }
  labels = make_labels(
      {{"provider", key.provider}, {"model", key.model}, {"workload", key.workload}}, plan.labels);
  if (plan.slos) {
    slos = make_slo_series(*plan.slos, *labels);
  }
  counters = before != nullptr ? before->counters : std::make_shared<ProbeCounters>(created);
  const auto keep = [&](std::shared_ptr<Histogram> ProbeSeries::*member, const LayoutPtr& layout) {
    this->*member = keep_or_make(before != nullptr ? &(before->*member) : nullptr, layout, created);
  };
  keep(&ProbeSeries::ttft, layouts.ttft);
  keep(&ProbeSeries::server_ttft, layouts.server_ttft);
  keep(&ProbeSeries::first_reasoning, layouts.first_reasoning);
  keep(&ProbeSeries::inter_token_latency, layouts.inter_token_latency);
  keep(&ProbeSeries::time_per_output_token, layouts.time_per_output_token);
  keep(&ProbeSeries::duration, layouts.duration);
  keep(&ProbeSeries::output_tokens_per_second, layouts.output_tokens_per_second);
  keep(&ProbeSeries::tcp_rtt, layouts.tcp_rtt);
  for (std::size_t i = 0; i < phases.size(); ++i) {
    phases[i] =
        keep_or_make(before != nullptr ? &before->phases[i] : nullptr, layouts.phase, created);
  }
}

void ProbeSeries::begin() const {
  ++counters->in_flight;
}

void ProbeSeries::record_on_demand(const Measurement& measurement) const {
  counters->record_on_demand(measurement);
}

void ProbeSeries::abandon() const {
  counters->end_flight();
}

void ProbeSeries::skip(schedule::SkipReason reason, std::uint64_t count) const {
  const auto found = std::ranges::find(schedule::k_skip_reasons, reason);
  counters->skipped[static_cast<std::size_t>(found - schedule::k_skip_reasons.begin())] += count;
}

void ProbeSeries::record(const Measurement& measurement) const {
  counters->record(measurement);
  const auto source = exemplar_source(measurement);
  if (measurement.connection.tcp && !measurement.suspect) {
    tcp_rtt->observe(base::seconds(measurement.connection.tcp->rtt), source);
  }
  const measure::Samples samples = measure::samples(measurement);
  const auto observe = [&source](Histogram& histogram, std::optional<measure::Duration> value) {
    if (value) {
      histogram.observe(base::seconds(*value), source);
    }
  };
  observe(*ttft, samples.ttft);
  observe(*server_ttft, samples.server_ttft);
  observe(*first_reasoning, samples.first_reasoning);
  for (const measure::Duration gap : samples.inter_token_latencies) {
    observe(*inter_token_latency, gap);
  }
  observe(*time_per_output_token, samples.time_per_output_token);
  observe(*duration, samples.duration);
  for (std::size_t i = 0; i < phases.size(); ++i) {
    observe(*phases[i], samples.phases.*k_phase_labels[i].value);
  }
  if (samples.output_tokens_per_second) {
    output_tokens_per_second->observe(*samples.output_tokens_per_second, source);
  }
}

}  // namespace inferometer::metrics
