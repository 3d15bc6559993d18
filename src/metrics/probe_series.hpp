#pragma once

#include "config/config.hpp"
#include "measure/derive.hpp"
#include "measure/measurement.hpp"
#include "metrics/histogram/histogram.hpp"
#include "metrics/probe_counters.hpp"
#include "metrics/slo_series.hpp"

#include <array>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace inferometer::metrics {

struct PhaseLabel {
  std::string_view name;
  std::optional<measure::Duration> measure::Phases::*value;
};
inline constexpr std::array k_phase_labels{
    PhaseLabel{"dns", &measure::Phases::dns},   PhaseLabel{"connect", &measure::Phases::connect},
    PhaseLabel{"tls", &measure::Phases::tls},   PhaseLabel{"send", &measure::Phases::send},
    PhaseLabel{"wait", &measure::Phases::wait},
};

/// Edges that the SLOs of a target add to the buckets of its histograms, in seconds.
struct Thresholds {
  std::vector<double> ttft;
  std::vector<double> time_per_output_token;
  std::vector<double> duration;

  // clang-tidy 14 takes the 0 that a defaulted <=> compares with for a pointer.
  auto operator<=>(const Thresholds&) const = default;  // NOLINT(modernize-use-nullptr)
};

/// The layouts of a target's histograms; targets with the same thresholds share them.
struct ProbeLayouts {
  ProbeLayouts(const Thresholds& thresholds, int native_schema);

  std::shared_ptr<const HistogramLayout> ttft;
  std::shared_ptr<const HistogramLayout> server_ttft;
  std::shared_ptr<const HistogramLayout> first_reasoning;
  std::shared_ptr<const HistogramLayout> inter_token_latency;
  std::shared_ptr<const HistogramLayout> time_per_output_token;
  std::shared_ptr<const HistogramLayout> duration;
  std::shared_ptr<const HistogramLayout> phase;
  std::shared_ptr<const HistogramLayout> output_tokens_per_second;
  std::shared_ptr<const HistogramLayout> tcp_rtt;
};

/// A target that has series.
struct SeriesPlan {
  config::TargetKey key;
  std::map<std::string, std::string> labels;  ///< what the configuration adds to the key
  Thresholds thresholds;
  std::shared_ptr<const schedule::Allowance> allowance;  ///< of its model; null: nothing holds it
  std::shared_ptr<const slo::TargetSlos> slos;           ///< null: none
};

/// All series of one target, named as in the catalogue. The pointers never change and what they
/// point to is atomic, so any thread may record and read without a lock.
struct ProbeSeries {
  /// New series, which begin at `created`; those of `before` go on in them, but for histograms
  /// whose layout has changed. `before` may be null. The hold of the allowance is shown if
  /// `shows_hold`.
  ProbeSeries(const SeriesPlan& plan, const ProbeLayouts& layouts, bool shows_hold,
              base::WallTime created, const ProbeSeries* before);

  /// An attempt has begun: it shows as in flight until `record` or `abandon`.
  void begin() const;

  /// Counts a finished attempt. What goes to the histograms is what measure::samples() gives, so
  /// nothing of an attempt that failed or is suspect. Token figures come from reported usage only.
  /// An internal error is counted, but leaves `llm_probe_success` alone, as it says nothing about
  /// the provider; missing credentials set it to 0, as they do not pass by themselves.
  void record(const measure::Measurement& measurement) const;

  /// Counts a finished attempt that was asked for besides the schedule, with its tokens.
  void record_on_demand(const measure::Measurement& measurement) const;

  /// An attempt was cut by our own shutdown or reload: nothing is counted.
  void abandon() const;

  /// `count` ticks started nothing.
  void skip(schedule::SkipReason reason, std::uint64_t count) const;

  /// Whose hold these series show with these labels; both null where others show it.
  std::shared_ptr<const schedule::Allowance> allowance;
  std::shared_ptr<const Labels> hold_labels;
  std::shared_ptr<const Labels> labels;
  std::shared_ptr<ProbeCounters> counters;
  std::vector<SloSeries> slos;  ///< recorded by the ledger of the SLOs
  std::shared_ptr<Histogram> ttft;
  std::shared_ptr<Histogram> server_ttft;
  std::shared_ptr<Histogram> first_reasoning;
  std::shared_ptr<Histogram> inter_token_latency;
  std::shared_ptr<Histogram> time_per_output_token;
  std::shared_ptr<Histogram> duration;
  std::array<std::shared_ptr<Histogram>, k_phase_labels.size()> phases;  // in the labels' order
  std::shared_ptr<Histogram> output_tokens_per_second;
  std::shared_ptr<Histogram> tcp_rtt;
};

}  // namespace inferometer::metrics
