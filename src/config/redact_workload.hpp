#pragma once

#include "config/config.hpp"

#include <yaml-cpp/emitter.h>

namespace inferometer::config {

/// Writes a workload as one entry of the list, prompt files by their path.
void write_workload(YAML::Emitter& out, const Workload& workload);

}  // namespace inferometer::config
