#pragma once

#include "config/config.hpp"
#include "config/expand.hpp"
#include "config/slo_entry.hpp"

#include <vector>

namespace inferometer::config {

/// The SLOs of the entries. Reports what they match by a name that does not exist, and those that
/// would never have data: that match no target, or only targets that cannot show their indicator.
/// The latter two are known only where all targets are.
[[nodiscard]] std::vector<Slo> check_slos(std::vector<SloEntry> entries,
                                          const std::vector<Provider>& providers,
                                          const std::vector<Workload>& workloads,
                                          const Expanded& expanded, Problems& problems);

}  // namespace inferometer::config
