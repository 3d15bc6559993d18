#pragma once

#include "config/config.hpp"
#include "config/expand.hpp"
#include "config/yaml/reader.hpp"

#include <vector>

namespace inferometer::config {

/// Whether the SLO's match takes in the target: each of its names is the target's own.
[[nodiscard]] bool matches(const SloMatch& match, const TargetKey& key);

/// The thresholds in seconds, ascending and each once, of those SLOs of this kind that match the
/// target; none for availability, which has no threshold.
[[nodiscard]] std::vector<double> thresholds(const std::vector<Slo>& slos, SliKind kind,
                                             const TargetKey& key);

/// One entry of the list `slos`, not yet checked against what it matches, and where its parts
/// stand.
struct SloEntry {
  Slo slo;
  Mark sli;  ///< of the threshold
  Mark match;
  Mark provider;
  Mark model;
  Mark workload;
};

/// Reads the list `slos` of the file, of at most 1,000; also what was refused in part, which then
/// matches more than it was meant to.
[[nodiscard]] std::vector<SloEntry> read_slo_entries(const MappingReader& file);

/// The SLOs of the entries. Reports what they match by a name that does not exist, and those that
/// would never have data: that match no target, or only targets that cannot show their indicator.
/// The latter two are known only where all targets are.
[[nodiscard]] std::vector<Slo> check_slos(std::vector<SloEntry> entries,
                                          const std::vector<Provider>& providers,
                                          const std::vector<Workload>& workloads,
                                          const Expanded& expanded, Problems& problems);

}  // namespace inferometer::config
