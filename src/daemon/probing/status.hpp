#pragma once

#include "base/clock.hpp"
#include "daemon/probing/plans.hpp"
#include "measure/recent_measurements.hpp"
#include "metrics/snapshot.hpp"
#include "web/status.hpp"

#include <vector>

namespace inferometer::daemon {

/// What the status shows of each target, from what the parts of the daemon know; `servers` are the
/// `llm_server_*` families.
[[nodiscard]] std::vector<web::TargetStatus> make_target_statuses(
    const Plans& plans, const measure::RecentMeasurements& recent, const metrics::Families& servers,
    const base::Clock& clock);

}  // namespace inferometer::daemon
