#pragma once

#include "metrics/snapshot.hpp"

#include <prometheus/client_metric.h>
#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <optional>

/// Between the data model of prometheus-cpp and ours. Theirs has classic histograms alone, and
/// neither native buckets nor exemplars nor created timestamps: histograms, and all that depends on
/// a target, are ours, and theirs are the scalars of the daemon and the process.
namespace inferometer::metrics {

/// A family of theirs with the metric's name, help and type, and no samples yet.
[[nodiscard]] prometheus::MetricFamily make_metric_family(const Metric& metric);

/// A sample of a counter or a gauge, without labels.
[[nodiscard]] prometheus::ClientMetric make_client_metric(MetricType type, double value);

/// The counters and gauges that `source` collects, as far as they are in the catalogue and
/// `selection` asks for them; each family's samples in the order of their labels. `created` is
/// since when the counters count, as Unix time. REQUIRES: labels are those of the catalogue.
[[nodiscard]] Families read_families(const prometheus::Collectable& source,
                                     const Selection& selection,
                                     std::optional<double> created = {});

}  // namespace inferometer::metrics
