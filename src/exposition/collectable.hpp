#pragma once

#include "metrics/snapshot.hpp"

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <functional>
#include <memory>
#include <vector>

namespace inferometer::exposition {

/// The families in prometheus-cpp's data model; those without samples are left out. It has no room
/// for native buckets, exemplars and created timestamps: of a histogram it has the classic buckets,
/// the sum and the count, as text 0.0.4 does.
[[nodiscard]] std::vector<prometheus::MetricFamily> to_metric_families(
    const metrics::Families& families);

/// What `collect` returns at each Collect(), for whatever takes a prometheus::Collectable, such as
/// an Exposer that shows other metrics too. Thread-safe if `collect` is.
[[nodiscard]] std::shared_ptr<prometheus::Collectable> make_collectable(
    std::function<metrics::Families()> collect);

}  // namespace inferometer::exposition
