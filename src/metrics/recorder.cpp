#include "metrics/recorder.hpp"

#include "measure/target_table.hpp"
#include "metrics/catalogue.hpp"
#include "metrics/probe_series.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace inferometer::metrics {
namespace {

using prometheus::ClientMetric;
using Samples = std::vector<ClientMetric>;

ClientMetric labelled(const ProbeSeries& series) {
  ClientMetric sample;
  sample.label = series.labels;
  return sample;
}

/// The same with the metric's fourth label.
ClientMetric labelled(const ProbeSeries& series, const Metric& metric, std::string_view value) {
  ClientMetric sample = labelled(series);
  sample.label.push_back({std::string(metric.labels.back()), std::string(value)});
  return sample;
}

void append(Samples& samples, ClientMetric sample, const Histogram& histogram) {
  if (!histogram.empty()) {
    sample.histogram = histogram.snapshot();
    samples.push_back(std::move(sample));
  }
}

void append(Samples& samples, ClientMetric sample, const Counter& counter) {
  sample.counter.value = static_cast<double>(counter.load());
  samples.push_back(std::move(sample));
}

void append(Samples& samples, ClientMetric sample, const Gauge& gauge) {
  sample.gauge.value = gauge.load();
  if (!std::isnan(sample.gauge.value)) {
    samples.push_back(std::move(sample));
  }
}

void append(Samples& samples, ClientMetric sample, const std::atomic<std::int64_t>& gauge) {
  sample.gauge.value = static_cast<double>(gauge.load());
  samples.push_back(std::move(sample));
}

template <auto Member>
void append_one(const ProbeSeries& series, const Metric& /*metric*/, Samples& samples) {
  append(samples, labelled(series), series.*Member);
}

void append_phases(const ProbeSeries& series, const Metric& metric, Samples& samples) {
  for (std::size_t i = 0; i < series.phases.size(); ++i) {
    append(samples, labelled(series, metric, k_phase_labels[i].name), series.phases[i]);
  }
}

void append_failures(const ProbeSeries& series, const Metric& metric, Samples& samples) {
  for (const measure::Outcome outcome : measure::k_outcomes) {
    if (outcome != measure::Outcome::success) {
      append(samples, labelled(series, metric, to_string(outcome)),
             series.outcomes[static_cast<std::size_t>(outcome)]);
    }
  }
}

void append_skipped(const ProbeSeries& series, const Metric& metric, Samples& samples) {
  for (std::size_t i = 0; i < series.skipped.size(); ++i) {
    append(samples, labelled(series, metric, to_string(schedule::k_skip_reasons[i])),
           series.skipped[i]);
  }
}

void append_tokens(const ProbeSeries& series, const Metric& metric, Samples& samples) {
  for (std::size_t i = 0; i < series.tokens.size(); ++i) {
    append(samples, labelled(series, metric, k_token_labels[i].name), series.tokens[i]);
  }
}

template <auto Member>
void append_rate_limits(const ProbeSeries& series, const Metric& metric, Samples& samples) {
  for (const measure::RateLimitResource resource : measure::k_rate_limit_resources) {
    append(samples, labelled(series, metric, to_string(resource)),
           series.rate_limits[static_cast<std::size_t>(resource)].*Member);
  }
}

struct Row {
  const Metric& metric;
  void (*append)(const ProbeSeries& series, const Metric& metric, Samples& samples);
};

constexpr Row k_rows[]{
    {metric("llm_probe_ttft_seconds"), append_one<&ProbeSeries::ttft>},
    {metric("llm_probe_first_reasoning_seconds"), append_one<&ProbeSeries::first_reasoning>},
    {metric("llm_probe_inter_token_latency_seconds"),
     append_one<&ProbeSeries::inter_token_latency>},
    {metric("llm_probe_time_per_output_token_seconds"),
     append_one<&ProbeSeries::time_per_output_token>},
    {metric("llm_probe_duration_seconds"), append_one<&ProbeSeries::duration>},
    {metric("llm_probe_phase_seconds"), append_phases},
    {metric("llm_probe_output_tokens_per_second"),
     append_one<&ProbeSeries::output_tokens_per_second>},
    {metric("llm_probe_attempts_total"), append_one<&ProbeSeries::attempts>},
    {metric("llm_probe_failures_total"), append_failures},
    {metric("llm_probe_skipped_total"), append_skipped},
    {metric("llm_probe_stalls_total"), append_one<&ProbeSeries::stalls>},
    {metric("llm_probe_coalesced_total"), append_one<&ProbeSeries::coalesced>},
    {metric("llm_probe_suspect_total"), append_one<&ProbeSeries::suspects>},
    {metric("llm_probe_retries_total"), append_one<&ProbeSeries::retries>},
    {metric("llm_probe_tokens_total"), append_tokens},
    {metric("llm_probe_usage_missing_total"), append_one<&ProbeSeries::usage_missing>},
    {metric("llm_probe_success"), append_one<&ProbeSeries::success>},
    {metric("llm_probe_last_success_timestamp_seconds"), append_one<&ProbeSeries::last_success>},
    {metric("llm_probe_in_flight"), append_one<&ProbeSeries::in_flight>},
    {metric("llm_probe_ratelimit_limit"), append_rate_limits<&RateLimitGauges::limit>},
    {metric("llm_probe_ratelimit_remaining"), append_rate_limits<&RateLimitGauges::remaining>},
    {metric("llm_probe_tls_certificate_expiry_timestamp_seconds"),
     append_one<&ProbeSeries::certificate_expiry>},
};

}  // namespace

struct Recorder::Impl {
  measure::TargetTable<ProbeSeries> table;
};

Recorder::Recorder() : m_impl(std::make_unique<Impl>()) {}
Recorder::~Recorder() = default;

void Recorder::set_targets(const std::vector<config::TargetKey>& targets) {
  m_impl->table.set_targets(targets);
}

void Recorder::begin(const config::TargetKey& target) {
  if (const auto series = m_impl->table.find(target)) {
    ++series->in_flight;
  }
}

void Recorder::record(const measure::Measurement& measurement) {
  if (const auto series = m_impl->table.find(measurement.target)) {
    series->record(measurement);
  }
}

void Recorder::abandon(const config::TargetKey& target) {
  if (const auto series = m_impl->table.find(target)) {
    series->end_flight();
  }
}

void Recorder::skip(const config::TargetKey& target, std::string_view reason, std::uint64_t count) {
  const auto series = m_impl->table.find(target);
  const auto found = std::ranges::find(schedule::k_skip_reasons, reason,
                                       [](schedule::SkipReason known) { return to_string(known); });
  if (series && found != schedule::k_skip_reasons.end()) {
    series->skipped[static_cast<std::size_t>(found - schedule::k_skip_reasons.begin())] += count;
  }
}

std::vector<prometheus::MetricFamily> Recorder::Collect() const {
  const auto all = m_impl->table.all();
  std::vector<prometheus::MetricFamily> families;
  for (const Row& row : k_rows) {
    prometheus::MetricFamily family = make_family(row.metric);
    for (const auto& [key, series] : *all) {
      row.append(*series, row.metric, family.metric);
    }
    if (!family.metric.empty()) {
      families.push_back(std::move(family));
    }
  }
  return families;
}

}  // namespace inferometer::metrics
