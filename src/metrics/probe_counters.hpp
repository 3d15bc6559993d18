#pragma once

#include "base/clock.hpp"
#include "measure/derive.hpp"
#include "measure/measurement.hpp"
#include "measure/trust.hpp"
#include "schedule/scheduler.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

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

struct TokenLabel {
  std::string_view name;
  std::optional<std::uint64_t> measure::TokenUsage::*value;
};
inline constexpr std::array k_token_labels{
    TokenLabel{"input", &measure::TokenUsage::input},
    TokenLabel{"cached_input", &measure::TokenUsage::cached_input},
    TokenLabel{"output", &measure::TokenUsage::output},
    TokenLabel{"reasoning", &measure::TokenUsage::reasoning},
};

/// The counters and gauges of one target, named as in the catalogue. Every member is atomic, so any
/// thread may record and read without a lock. Arrays follow the order of their labels.
struct ProbeCounters {
  explicit ProbeCounters(base::WallTime since) : created(base::unix_seconds(since)) {}

  const double created;  ///< Unix time when the counters were 0

  Counter attempts{0};
  std::array<Counter, measure::k_outcomes.size()> outcomes{};  // that of `success` stays 0
  std::array<Counter, schedule::k_skip_reasons.size()> skipped{};
  Counter on_demand{0};
  Counter stalls{0};
  Counter coalesced{0};
  Counter gaps_lost{0};
  Counter buffered{0};
  std::array<Counter, measure::k_suspect_outcomes.size()> suspects{};
  Counter tcp_retransmissions{0};
  Counter tcp_out_of_order{0};
  std::array<Counter, k_token_labels.size()> tokens{};
  std::array<Counter, measure::k_usage_gaps.size()> usage_missing{};
  Counter retries{0};

  Gauge success{k_unknown};
  Gauge last_success{k_unknown};
  Gauge certificate_expiry{k_unknown};
  std::array<RateLimitGauges, measure::k_rate_limit_resources.size()> rate_limits;
  std::atomic<std::int64_t> in_flight{0};

  void record(const measure::Measurement& measurement);

  /// Counts an attempt that was asked for besides the schedule: it costs tokens like any other.
  void record_on_demand(const measure::Measurement& measurement);

  /// Ends one attempt in flight. Never below 0: one that was begun before its target was removed
  /// and added again is not among them.
  void end_flight();

 private:
  void count_outcome(const measure::Measurement& measurement);
  void count_suspect(measure::Outcome outcome);
  void count_stream(const measure::Measurement& measurement);
  void count_tokens(const measure::Measurement& measurement);
  void count_usage_gap(measure::UsageGap gap);
};

}  // namespace inferometer::metrics
