#pragma once

#include "config/config.hpp"
#include "config/expand.hpp"
#include "config/yaml/reader.hpp"

#include <array>
#include <optional>
#include <vector>

namespace inferometer::config {

/// A condition of an SLI that holds up to a threshold.
struct LatencyCondition {
  const char* key;  ///< as the file writes it
  std::optional<Duration> Sli::*threshold;
  bool needs_stream;  ///< a workload without a stream cannot show it
};

inline constexpr std::array k_latency_conditions{
    LatencyCondition{"ttft_below", &Sli::ttft_below, true},
    LatencyCondition{"first_reasoning_below", &Sli::first_reasoning_below, true},
    LatencyCondition{"inter_token_latency_below", &Sli::inter_token_latency_below, true},
    LatencyCondition{"time_per_output_token_below", &Sli::time_per_output_token_below, true},
    LatencyCondition{"duration_below", &Sli::duration_below, false},
};

/// The condition on the speed of a stream.
inline constexpr const char* k_speed_condition = "output_tokens_per_second_above";

/// Whether the SLO's match takes in the target: each of its names is the target's own.
[[nodiscard]] bool matches(const SloMatch& match, const TargetKey& key);

/// The thresholds of this condition in seconds, ascending and each once, of those SLOs that match
/// the target.
[[nodiscard]] std::vector<double> thresholds(const std::vector<Slo>& slos,
                                             std::optional<Duration> Sli::*condition,
                                             const TargetKey& key);

/// One entry of the list `slos`, not yet checked against what it matches, and where its parts
/// stand.
struct SloEntry {
  Slo slo;
  std::array<Mark, k_latency_conditions.size()> conditions;  ///< in the table's order
  Mark speed;
  Mark match;
  Mark provider;
  Mark model;
  Mark workload;
  Mark window;
};

/// Reads the list `slos` of the file, of at most 1,000; also what was refused in part, which then
/// matches more than it was meant to.
[[nodiscard]] std::vector<SloEntry> read_slo_entries(const MappingReader& file);

/// The SLOs of the entries. Reports what they match by a name that does not exist, thresholds below
/// what can be measured, and SLOs that would never have data: that match no target, or only targets
/// that cannot show their indicator, or too rarely for their window. All but the names is known
/// only where all targets are. Of `config`, all but targets and SLOs is there already.
[[nodiscard]] std::vector<Slo> check_slos(std::vector<SloEntry> entries, const Config& config,
                                          const Expanded& expanded, Problems& problems);

}  // namespace inferometer::config
