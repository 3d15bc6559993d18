#pragma once

#include "precision/cases.hpp"
#include "precision/figures.hpp"
#include "precision/server.hpp"

namespace inferometer::precision {

/// Inferometer's own transport, protocol and attempts, as the daemon runs them; the true send times
/// are noted on the way.
[[nodiscard]] Figures run_instrument(const Plan& plan, const Server& server);

}  // namespace inferometer::precision
