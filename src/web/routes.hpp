#pragma once

#include "web/callbacks.hpp"
#include "web/codec.hpp"

#include <cstddef>
#include <string_view>

namespace inferometer::web {

/// Every path and method to its response. At most `max_probes` calls of `callbacks.probe` run at
/// once. Exceptions of the callbacks pass through. Thread-safe.
[[nodiscard]] Handler make_routes(Callbacks callbacks, std::size_t max_probes);

/// Whether the route of this request head can take minutes. Never false for one that does; true for
/// a few that do not.
[[nodiscard]] bool may_wait(std::string_view head);

}  // namespace inferometer::web
