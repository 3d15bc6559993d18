#pragma once

#include "metrics/family.hpp"

#include <string>

namespace inferometer::exposition {

/// OpenMetrics 1.0 with the exemplars of classic buckets. There are no `_created` samples: unless
/// told otherwise, Prometheus stores each as a series of its own. Source:
/// prometheus.io/docs/specs/om/open_metrics_spec.
[[nodiscard]] std::string write_openmetrics(const metrics::Families& families);

}  // namespace inferometer::exposition
