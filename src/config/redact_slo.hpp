#pragma once

#include "config/config.hpp"

#include <yaml-cpp/emitter.h>

namespace inferometer::config {

/// Writes an SLO as one entry of the list.
void write_slo(YAML::Emitter& out, const Slo& slo);

}  // namespace inferometer::config
