#pragma once

#include "config/config.hpp"
#include "config/problem.hpp"
#include "config/section/probe_entry.hpp"

#include <vector>

namespace inferometer::config {

struct Expanded {
  std::vector<Target> targets;  ///< sorted by key
  bool is_complete = true;      ///< false: what was refused may stand for more
};

/// The targets that the entries stand for. Reports references to what does not
/// exist, targets that come twice, and too many of them.
[[nodiscard]] Expanded expand(const std::vector<ProbeEntry>& entries,
                              const std::vector<Provider>& providers,
                              const std::vector<Workload>& workloads, Problems& problems);

}  // namespace inferometer::config
