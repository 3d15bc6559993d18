#pragma once

#include "config/config.hpp"

#include <cstddef>

namespace inferometer::config {

/// The text that each target copies of its provider, in bytes. Models are no part of it.
[[nodiscard]] std::size_t text_size(const Provider& provider);

/// The text that each target copies of its workload, in bytes. Prompts are no part of it: all
/// copies share them.
[[nodiscard]] std::size_t text_size(const Workload& workload);

}  // namespace inferometer::config
