#pragma once

#include "http/codec.hpp"
#include "web/callbacks.hpp"

#include <cstddef>
#include <string_view>

namespace inferometer::web {

/// `/probe` requests that run at once; beyond: 429.
inline constexpr std::size_t k_max_probes = 32;

/// Every path and method to its response. At most `max_probes` calls of `callbacks.probe` run at
/// once, and one of `callbacks.reload`. Exceptions of the other callbacks pass through.
/// Thread-safe.
[[nodiscard]] http::Handler make_routes(Callbacks callbacks, std::size_t max_probes = k_max_probes);

/// The lane of the route of this request head: an http::LaneOf.
[[nodiscard]] http::Lane lane_of(std::string_view head);

}  // namespace inferometer::web
