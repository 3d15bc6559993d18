#pragma once

#include "config/config.hpp"
#include "config/expand.hpp"
#include "config/yaml/reader.hpp"

#include <array>
#include <optional>
#include <vector>

namespace inferometer::config {

/// What a workload must have to show what a condition looks at.
enum class Needs {
  nothing,
  stream,
  tokens,  ///< a stream of two tokens or more
};

/// A condition of an SLI that holds up to a threshold.
struct LatencyCondition {
  const char* key;  ///< as the file writes it
  std::optional<Duration> Sli::*threshold;
  Needs needs;
};

inline constexpr std::array k_latency_conditions{
    LatencyCondition{"ttft_below", &Sli::ttft_below, Needs::stream},
    LatencyCondition{"first_reasoning_below", &Sli::first_reasoning_below, Needs::stream},
    LatencyCondition{"inter_token_latency_below", &Sli::inter_token_latency_below, Needs::tokens},
    LatencyCondition{"time_per_output_token_below", &Sli::time_per_output_token_below,
                     Needs::tokens},
    LatencyCondition{"duration_below", &Sli::duration_below, Needs::nothing},
};

/// The condition on the speed of a stream.
inline constexpr const char* k_speed_condition = "output_tokens_per_second_above";

/// Whether the SLO's match takes in the target: each of its names is the target's own.
[[nodiscard]] bool matches(const SloMatch& match, const Target& target);

/// Whether attempts at the target are judged by the SLO: it is matched, and its workload can show
/// each condition. Without a stream there are no marks within the answer, and one token has no gap.
[[nodiscard]] bool applies(const Slo& slo, const Target& target);

/// The thresholds of this condition in seconds, ascending and each once, of those SLOs that apply
/// to the target.
[[nodiscard]] std::vector<double> thresholds(const std::vector<Slo>& slos,
                                             std::optional<Duration> Sli::*condition,
                                             const Target& target);

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
