#pragma once

#include "metrics/catalogue.hpp"

#include <prometheus/client_metric.h>
#include <prometheus/metric_family.h>

/// Between the data model of prometheus-cpp and ours. Theirs has classic histograms alone, and
/// neither native buckets nor exemplars nor created timestamps.
namespace inferometer::metrics {

/// A family of theirs with the metric's name, help and type, and no samples yet.
[[nodiscard]] prometheus::MetricFamily make_metric_family(const Metric& metric);

/// A sample of a counter or a gauge, without labels.
[[nodiscard]] prometheus::ClientMetric make_client_metric(MetricType type, double value);

}  // namespace inferometer::metrics
