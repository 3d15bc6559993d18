#pragma once

#include "config/load.hpp"

namespace inferometer::daemon {

/// How this program loads configurations: with the protocols that it speaks.
[[nodiscard]] config::LoadOptions load_options();

}  // namespace inferometer::daemon
