#pragma once

#include "metrics/snapshot.hpp"

#include <string>

namespace inferometer::exposition {

/// Prometheus' text format 0.0.4: HELP, TYPE and samples, with doubles written so that they read
/// back exactly. Source: prometheus.io/docs/instrumenting/exposition_formats.
[[nodiscard]] std::string write_text(const metrics::Families& families);

/// OpenMetrics 1.0 with the exemplars of classic buckets. There are no `_created` samples: unless
/// told otherwise, Prometheus stores each as a series of its own. Source:
/// prometheus.io/docs/specs/om/open_metrics_spec.
[[nodiscard]] std::string write_openmetrics(const metrics::Families& families);

}  // namespace inferometer::exposition
