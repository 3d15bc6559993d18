#include "metrics/recorder.hpp"

#include "measure/target_table.hpp"
#include "metrics/catalogue.hpp"
#include "metrics/probe_series.hpp"
#include "metrics/snapshot.hpp"

#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace inferometer::metrics {
namespace {

using Samples = std::vector<Sample>;

/// What a row of the table below turns into samples, and where they go.
struct Context {
  const ProbeSeries& series;
  const Metric& metric;
  const Selection& selection;
  Samples& samples;
};

/// The metric's fourth label.
Label last_label(const Context& context, std::string_view value) {
  return {context.metric.labels.back(), std::string(value)};
}

/// When a histogram begins to cost series.
enum class Shown {
  from_start,  ///< at 0: what rate() and an alert need of a probe that has never succeeded
  once_used,
};

void append(const Context& context, std::optional<Label> label, const Histogram& histogram,
            Shown shown = Shown::once_used) {
  if (shown == Shown::from_start || !histogram.empty()) {
    context.samples.push_back({.labels = context.series.labels,
                               .last_label = std::move(label),
                               .value = histogram.snapshot(context.selection),
                               .created = histogram.created()});
  }
}

void append(const Context& context, std::optional<Label> label, const Counter& counter) {
  context.samples.push_back({.labels = context.series.labels,
                             .last_label = std::move(label),
                             .value = static_cast<double>(counter.load()),
                             .created = context.series.counters->created});
}

void append_gauge(const Context& context, std::optional<Label> label, double value) {
  if (!std::isnan(value)) {
    context.samples.push_back({.labels = context.series.labels,
                               .last_label = std::move(label),
                               .value = value,
                               .created = {}});
  }
}

void append(const Context& context, std::optional<Label> label, const Gauge& gauge) {
  append_gauge(context, std::move(label), gauge.load());
}

template <std::shared_ptr<Histogram> ProbeSeries::*Member, Shown When = Shown::once_used>
void append_histogram(const Context& context) {
  append(context, std::nullopt, *(context.series.*Member), When);
}

template <auto Member>
void append_one(const Context& context) {
  append(context, std::nullopt, (*context.series.counters).*Member);
}

void append_in_flight(const Context& context) {
  append_gauge(context, std::nullopt, static_cast<double>(context.series.counters->in_flight));
}

void append_held_until(const Context& context) {
  if (context.series.allowance) {
    if (const auto until = context.series.allowance->held_until()) {
      context.samples.push_back({.labels = context.series.hold_labels,
                                 .last_label = std::nullopt,
                                 .value = base::unix_seconds(*until),
                                 .created = {}});
    }
  }
}

void append_phases(const Context& context) {
  for (std::size_t i = 0; i < k_phase_labels.size(); ++i) {
    append(context, last_label(context, k_phase_labels[i].name), *context.series.phases[i]);
  }
}

void append_failures(const Context& context) {
  for (const measure::Outcome outcome : measure::k_outcomes) {
    if (outcome != measure::Outcome::success) {
      append(context, last_label(context, to_string(outcome)),
             context.series.counters->outcomes[static_cast<std::size_t>(outcome)]);
    }
  }
}

void append_suspects(const Context& context) {
  for (std::size_t i = 0; i < measure::k_suspect_outcomes.size(); ++i) {
    append(context, last_label(context, to_string(measure::k_suspect_outcomes[i])),
           context.series.counters->suspects[i]);
  }
}

void append_skipped(const Context& context) {
  for (std::size_t i = 0; i < schedule::k_skip_reasons.size(); ++i) {
    append(context, last_label(context, to_string(schedule::k_skip_reasons[i])),
           context.series.counters->skipped[i]);
  }
}

void append_tokens(const Context& context) {
  for (std::size_t i = 0; i < k_token_labels.size(); ++i) {
    append(context, last_label(context, k_token_labels[i].name),
           context.series.counters->tokens[i]);
  }
}

void append_usage_missing(const Context& context) {
  for (std::size_t i = 0; i < measure::k_usage_gaps.size(); ++i) {
    append(context, last_label(context, to_string(measure::k_usage_gaps[i])),
           context.series.counters->usage_missing[i]);
  }
}

template <auto Member>
void append_rate_limits(const Context& context) {
  for (const measure::RateLimitResource resource : measure::k_rate_limit_resources) {
    append(context, last_label(context, to_string(resource)),
           context.series.counters->rate_limits[static_cast<std::size_t>(resource)].*Member);
  }
}

/// The SLO whose counts it is says when they began.
void append_slo_counter(const Context& context, const SloSeries& slo, std::uint64_t count) {
  context.samples.push_back({.labels = context.series.labels,
                             .last_label = slo.name,
                             .value = static_cast<double>(count),
                             .created = slo.target.events->created});
}

void append_slo_events(const Context& context) {
  for (const SloSeries& slo : context.series.slos) {
    append_slo_counter(context, slo, slo.target.events->bad + slo.target.events->good);
  }
}

template <auto Member>
void append_slo_counters(const Context& context) {
  for (const SloSeries& slo : context.series.slos) {
    append_slo_counter(context, slo, (*slo.target.events).*Member);
  }
}

void append_slo_objectives(const Context& context) {
  for (const SloSeries& slo : context.series.slos) {
    append_gauge(context, slo.name, slo.objective);
  }
}

void append_slo_thresholds(const Context& context) {
  for (const SloSeries& slo : context.series.slos) {
    for (const SloSeries::Threshold& threshold : slo.thresholds) {
      context.samples.push_back({.labels = threshold.labels,
                                 .last_label = threshold.sli,
                                 .value = threshold.seconds,
                                 .created = {}});
    }
  }
}

void append_slo_speed_thresholds(const Context& context) {
  for (const SloSeries& slo : context.series.slos) {
    append_gauge(context, slo.name, slo.speed_threshold.value_or(k_unknown));
  }
}

struct ProbeRow {
  const Metric& metric;
  void (*append)(const Context& context);
};

constexpr ProbeRow k_probe_rows[]{
    {metric("llm_probe_ttft_seconds"), append_histogram<&ProbeSeries::ttft, Shown::from_start>},
    {metric("llm_probe_server_ttft_seconds"), append_histogram<&ProbeSeries::server_ttft>},
    {metric("llm_probe_first_reasoning_seconds"), append_histogram<&ProbeSeries::first_reasoning>},
    {metric("llm_probe_inter_token_latency_seconds"),
     append_histogram<&ProbeSeries::inter_token_latency, Shown::from_start>},
    {metric("llm_probe_time_per_output_token_seconds"),
     append_histogram<&ProbeSeries::time_per_output_token>},
    {metric("llm_probe_duration_seconds"),
     append_histogram<&ProbeSeries::duration, Shown::from_start>},
    {metric("llm_probe_phase_seconds"), append_phases},
    {metric("llm_probe_output_tokens_per_second"),
     append_histogram<&ProbeSeries::output_tokens_per_second>},
    {metric("llm_probe_tcp_rtt_seconds"), append_histogram<&ProbeSeries::tcp_rtt>},
    {metric("llm_probe_attempts_total"), append_one<&ProbeCounters::attempts>},
    {metric("llm_probe_failures_total"), append_failures},
    {metric("llm_probe_skipped_total"), append_skipped},
    {metric("llm_probe_on_demand_total"), append_one<&ProbeCounters::on_demand>},
    {metric("llm_probe_stalls_total"), append_one<&ProbeCounters::stalls>},
    {metric("llm_probe_coalesced_total"), append_one<&ProbeCounters::coalesced>},
    {metric("llm_probe_gaps_lost_total"), append_one<&ProbeCounters::gaps_lost>},
    {metric("llm_probe_buffered_total"), append_one<&ProbeCounters::buffered>},
    {metric("llm_probe_suspect_total"), append_suspects},
    {metric("llm_probe_tcp_retransmissions_total"),
     append_one<&ProbeCounters::tcp_retransmissions>},
    {metric("llm_probe_tcp_out_of_order_total"), append_one<&ProbeCounters::tcp_out_of_order>},
    {metric("llm_probe_retries_total"), append_one<&ProbeCounters::retries>},
    {metric("llm_probe_tokens_total"), append_tokens},
    {metric("llm_probe_usage_missing_total"), append_usage_missing},
    // Before all events: what is counted in between is never among the bad ones alone.
    {metric("llm_probe_slo_bad_events_total"), append_slo_counters<&slo::Events::bad>},
    {metric("llm_probe_slo_events_total"), append_slo_events},
    {metric("llm_probe_slo_not_judged_total"), append_slo_counters<&slo::Events::not_judged>},
    {metric("llm_probe_slo_objective_ratio"), append_slo_objectives},
    {metric("llm_probe_slo_threshold_seconds"), append_slo_thresholds},
    {metric("llm_probe_slo_threshold_tokens_per_second"), append_slo_speed_thresholds},
    {metric("llm_probe_success"), append_one<&ProbeCounters::success>},
    {metric("llm_probe_last_success_timestamp_seconds"), append_one<&ProbeCounters::last_success>},
    {metric("llm_probe_in_flight"), append_in_flight},
    {metric("llm_probe_held_until_timestamp_seconds"), append_held_until},
    {metric("llm_probe_ratelimit_limit"), append_rate_limits<&RateLimitGauges::limit>},
    {metric("llm_probe_ratelimit_remaining"), append_rate_limits<&RateLimitGauges::remaining>},
    {metric("llm_probe_tls_certificate_expiry_timestamp_seconds"),
     append_one<&ProbeCounters::certificate_expiry>},
};

}  // namespace

struct Recorder::Impl {
  const base::Clock& clock;
  measure::TargetTable<const ProbeSeries> table;
};

Recorder::Recorder(const base::Clock& clock) : m_impl(new Impl{.clock = clock, .table = {}}) {}
Recorder::~Recorder() = default;

void Recorder::set_targets(const std::vector<SeriesPlan>& targets, int native_schema) {
  using Map = measure::TargetTable<const ProbeSeries>::Map;
  const std::shared_ptr<const Map> before = m_impl->table.all();
  const base::WallTime created = m_impl->clock.wall_now();
  std::map<Thresholds, ProbeLayouts> layouts;  // the same for most targets
  std::set<const schedule::Allowance*> shown;  // one target of a model shows its hold
  auto after = std::make_shared<Map>();
  for (const SeriesPlan& target : targets) {
    const ProbeLayouts& own =
        layouts.try_emplace(target.thresholds, target.thresholds, native_schema).first->second;
    const auto kept = before->find(target.key);
    after->emplace(target.key, std::make_shared<const ProbeSeries>(
                                   target, own, shown.insert(target.allowance.get()).second,
                                   created, kept != before->end() ? kept->second.get() : nullptr));
  }
  m_impl->table.replace(std::move(after));
}

std::shared_ptr<const ProbeSeries> Recorder::find(const config::TargetKey& target) const {
  return m_impl->table.find(target);
}

Families Recorder::collect(const Selection& selection) const {
  const auto all = m_impl->table.all();
  return collect_rows(k_probe_rows, selection, [&](const ProbeRow& row, Samples& samples) {
    for (const auto& [key, series] : *all) {
      row.append({*series, row.metric, selection, samples});
    }
  });
}

}  // namespace inferometer::metrics
