#pragma once

#include "metrics/snapshot.hpp"

#include <prometheus/metric_family.h>

#include <string>
#include <vector>

/// prometheus-cpp, the client library that our exposition is measured against.
namespace inferometer::scrape_cost {

/// The same families in its data model, which has no native buckets and no exemplars.
[[nodiscard]] std::vector<prometheus::MetricFamily> to_prometheus_cpp(
    const metrics::Families& families);

/// The text of its serializer.
[[nodiscard]] std::string serialize(const std::vector<prometheus::MetricFamily>& families);

}  // namespace inferometer::scrape_cost
