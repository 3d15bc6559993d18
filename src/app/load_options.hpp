#pragma once

#include "config/load.hpp"

namespace inferometer::app {

/// How this program loads configurations: with the protocols that it speaks.
[[nodiscard]] config::LoadOptions load_options();

}  // namespace inferometer::app
