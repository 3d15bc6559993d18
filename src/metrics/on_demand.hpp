#pragma once

#include "measure/measurement.hpp"
#include "metrics/snapshot.hpp"

namespace inferometer::metrics {

/// The metrics of one attempt that was asked for, as gauges in the manner of blackbox_exporter.
/// None of their names is one of the daemon's own, so that a Prometheus that scrapes both counts
/// nothing twice. A figure without a value, or that is suspect, is left out.
[[nodiscard]] Families on_demand_families(const measure::Measurement& measurement);

}  // namespace inferometer::metrics
