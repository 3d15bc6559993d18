#pragma once

#include "base/clock.hpp"
#include "config/config.hpp"
#include "daemon/probing/allowances.hpp"
#include "measure/measurement.hpp"
#include "measure/summaries.hpp"
#include "metrics/probe_series.hpp"
#include "schedule/allowance.hpp"

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace inferometer::daemon {

/// Takes each finished attempt at one target, on the transport's thread; must not block.
using Sink = std::function<void(const measure::Measurement&)>;

/// Makes the sink of a target, which may be called for as long as it is held.
using SinkFactory = std::function<Sink(const config::TargetKey&)>;

/// One target with all that an attempt at it needs, so that none looks anything up by name. What a
/// reload leaves alone is shared with the plan before.
struct Plan {
  std::shared_ptr<const config::Target> target;
  std::shared_ptr<schedule::Allowance> allowance;      ///< of its model
  std::shared_ptr<const metrics::ProbeSeries> series;  ///< not null, like the next
  std::shared_ptr<measure::TargetSummary> summary;
  std::vector<Sink> sinks;  ///< in the order of their factories
  std::shared_ptr<std::atomic<base::MonotonicTime>> next_due;
  std::string identity;           ///< to the scheduler
  base::Duration first_within{};  ///< see schedule::Job

  void record(const measure::Measurement& measurement) const {
    for (const Sink& sink : sinks) {
      sink(measurement);
    }
  }
};

using Plans = std::map<config::TargetKey, std::shared_ptr<const Plan>>;

/// In which time after the start, or after the reload that brings it, a target is first asked: half
/// a minute, or as long as the provider's rate limit needs for the targets of all its models.
[[nodiscard]] base::Duration first_within(std::size_t targets,
                                          const std::optional<schedule::Rate>& rate);

/// Identifies a target to the scheduler.
[[nodiscard]] std::string identity_of(const config::TargetKey& key);

}  // namespace inferometer::daemon
