#pragma once

#include "config/config.hpp"
#include "measure/derive.hpp"
#include "measure/measurement.hpp"
#include "metrics/catalogue.hpp"
#include "metrics/histogram.hpp"
#include "schedule/scheduler.hpp"

#include <prometheus/client_metric.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

namespace inferometer::metrics {

using Counter = std::atomic<std::uint64_t>;

/// A gauge that is NaN, and has no sample, until it is known.
using Gauge = std::atomic<double>;
inline constexpr double k_unknown = std::numeric_limits<double>::quiet_NaN();

/// What the provider last said of one resource.
struct RateLimitGauges {
  Gauge limit{k_unknown};
  Gauge remaining{k_unknown};
};

struct PhaseLabel {
  std::string_view name;
  std::optional<measure::Duration> measure::Phases::*value;
};
inline constexpr std::array k_phase_labels{
    PhaseLabel{"dns", &measure::Phases::dns},   PhaseLabel{"connect", &measure::Phases::connect},
    PhaseLabel{"tls", &measure::Phases::tls},   PhaseLabel{"send", &measure::Phases::send},
    PhaseLabel{"wait", &measure::Phases::wait},
};

struct TokenLabel {
  std::string_view name;
  std::uint64_t measure::TokenUsage::*value;
};
inline constexpr std::array k_token_labels{
    TokenLabel{"input", &measure::TokenUsage::input},
    TokenLabel{"cached_input", &measure::TokenUsage::cached_input},
    TokenLabel{"output", &measure::TokenUsage::output},
    TokenLabel{"reasoning", &measure::TokenUsage::reasoning},
};

/// All that is counted for one target, named as in the catalogue. Every member is atomic, so any
/// thread may record and read without a lock. Arrays follow the order of their labels.
struct ProbeSeries {
  explicit ProbeSeries(const config::TargetKey& key);

  const std::vector<prometheus::ClientMetric::Label> labels;

  Histogram ttft{metric("llm_probe_ttft_seconds").edges};
  Histogram first_reasoning{metric("llm_probe_first_reasoning_seconds").edges};
  Histogram inter_token_latency{metric("llm_probe_inter_token_latency_seconds").edges};
  Histogram time_per_output_token{metric("llm_probe_time_per_output_token_seconds").edges};
  Histogram duration{metric("llm_probe_duration_seconds").edges};
  std::array<Histogram, k_phase_labels.size()> phases{
      Histogram(metric("llm_probe_phase_seconds").edges),
      Histogram(metric("llm_probe_phase_seconds").edges),
      Histogram(metric("llm_probe_phase_seconds").edges),
      Histogram(metric("llm_probe_phase_seconds").edges),
      Histogram(metric("llm_probe_phase_seconds").edges)};
  Histogram output_tokens_per_second{metric("llm_probe_output_tokens_per_second").edges};

  Counter attempts{0};
  std::array<Counter, measure::k_outcomes.size()> outcomes{};  // that of `success` stays 0
  std::array<Counter, schedule::k_skip_reasons.size()> skipped{};
  Counter stalls{0};
  Counter coalesced{0};
  Counter suspects{0};
  std::array<Counter, k_token_labels.size()> tokens{};
  Counter usage_missing{0};
  Counter retries{0};

  Gauge success{k_unknown};
  Gauge last_success{k_unknown};
  Gauge certificate_expiry{k_unknown};
  std::array<RateLimitGauges, measure::k_rate_limit_resources.size()> rate_limits;
  std::atomic<std::int64_t> in_flight{0};

  void record(const measure::Measurement& measurement);

  /// Ends one attempt in flight. Never below 0: one that was begun before its target was removed
  /// and added again is not among them.
  void end_flight();

 private:
  void count_outcome(const measure::Measurement& measurement);
  void observe_latencies(const measure::Measurement& measurement);
};

}  // namespace inferometer::metrics
