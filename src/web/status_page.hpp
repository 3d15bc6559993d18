#pragma once

#include "base/clock.hpp"
#include "measure/summaries.hpp"

#include <string>
#include <vector>

namespace inferometer::web {

struct Status {
  std::string version;
  base::WallTime started{};
  std::vector<measure::Summary> targets;
};

/// The page at /: HTML that needs nothing else, neither scripts nor other resources. Names and
/// details come from configuration and providers and are escaped.
[[nodiscard]] std::string render_status_page(const Status& status, base::WallTime now);

}  // namespace inferometer::web
