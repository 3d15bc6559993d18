#pragma once

#include "config/config.hpp"
#include "measure/recent.hpp"
#include "measure/summaries.hpp"
#include "metrics/family.hpp"
#include "web/status.hpp"

#include <vector>

namespace inferometer::daemon {

/// What the status shows of each of `summaries`, from what the parts of the daemon know; `servers`
/// are the `llm_server_*` families. Neither the next run nor a hold is filled in.
[[nodiscard]] std::vector<web::TargetStatus> make_target_statuses(
    std::vector<measure::Summary> summaries, const config::Config& config,
    const measure::Recent& recent, const metrics::Families& servers);

}  // namespace inferometer::daemon
