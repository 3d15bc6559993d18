#pragma once

#include "base/duration.hpp"
#include "precision/stamps.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

namespace inferometer::precision {

/// What both clients ask the simulator for.
inline std::vector<std::pair<std::string, std::string>> simulator_headers(const Load& load) {
  return {{"X-Sim-Ttft", base::format_duration(load.ttft)},
          {"X-Sim-Itl", base::format_duration(load.gap)},
          {"X-Sim-Output-Tokens", std::to_string(load.tokens)}};
}

}  // namespace inferometer::precision
