#pragma once

#include "config/config.hpp"

#include <vector>

namespace inferometer::config {

/// Whether the SLO's match takes in the target: each of its names is the target's own.
[[nodiscard]] bool matches(const SloMatch& match, const TargetKey& key);

/// The thresholds in seconds, ascending and each once, of those SLOs of this kind that match the
/// target; none for availability, which has no threshold.
[[nodiscard]] std::vector<double> thresholds(const std::vector<Slo>& slos, SliKind kind,
                                             const TargetKey& key);

}  // namespace inferometer::config
