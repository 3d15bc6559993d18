#pragma once

#include "sim/http/message.hpp"
#include "sim/server_metrics.hpp"

#include <cstddef>
#include <string_view>

namespace inferometer::sim {

/// One server at this moment.
struct ServerState {
  const ServerMetrics& metrics;
  std::string_view model;   ///< the label `model_name`; needs no escaping
  std::size_t running = 0;  ///< requests
  std::size_t waiting = 0;  ///< requests
};

/// What `GET /metrics` of that server answers, in Prometheus' text format 0.0.4.
[[nodiscard]] http::Response render_metrics_page(const ServerState& state);

}  // namespace inferometer::sim
