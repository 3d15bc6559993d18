#pragma once

#include "precision/stamps.hpp"

#include <cstdint>

namespace inferometer::precision {

/// Inferometer's own transport, protocol and attempts, as the daemon runs them; only their stamps
/// are compared on the way.
[[nodiscard]] Result run_instrument(const Load& load, std::uint16_t port);

}  // namespace inferometer::precision
