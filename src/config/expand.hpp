#pragma once

#include "config/config.hpp"
#include "config/probe_entry.hpp"
#include "config/problem.hpp"

#include <vector>

namespace inferometer::config {

/// The targets that the entries stand for, sorted by key. Reports references to what does not
/// exist, targets that come twice, and too many of them.
[[nodiscard]] std::vector<Target> expand(const std::vector<ProbeEntry>& entries,
                                         const std::vector<Provider>& providers,
                                         const std::vector<Workload>& workloads,
                                         Problems& problems);

}  // namespace inferometer::config
