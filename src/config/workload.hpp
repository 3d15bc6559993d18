#pragma once

#include "config/config.hpp"
#include "config/reader.hpp"

#include <vector>

namespace inferometer::config {

/// Reads the list `workloads` of the file; like read_providers, also what was refused in part.
[[nodiscard]] std::vector<Workload> read_workloads(const MappingReader& file);

}  // namespace inferometer::config
