#pragma once

#include "web/callbacks.hpp"
#include "web/codec.hpp"

#include <cstddef>

namespace inferometer::web {

/// Every path and method to its response. At most `max_probes` calls of `callbacks.probe` run at
/// once. Exceptions of the callbacks pass through. Thread-safe.
[[nodiscard]] Handler make_routes(Callbacks callbacks, std::size_t max_probes);

}  // namespace inferometer::web
