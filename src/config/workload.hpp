#pragma once

#include "config/config.hpp"
#include "config/prompt_files.hpp"
#include "config/reader.hpp"

#include <vector>

namespace inferometer::config {

/// Reads the list `workloads` of the file and the prompt files that it names; like read_providers,
/// also what was refused in part.
[[nodiscard]] std::vector<Workload> read_workloads(const MappingReader& file,
                                                   PromptFiles& prompt_files);

}  // namespace inferometer::config
