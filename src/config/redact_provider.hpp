#pragma once

#include "config/config.hpp"

#include <yaml-cpp/emitter.h>

namespace inferometer::config {

/// Writes a provider as one entry of the list: secrets by reference, and `<secret>` for what may be
/// one.
void write_provider(YAML::Emitter& out, const Provider& provider);

}  // namespace inferometer::config
