#pragma once

#include "metrics/catalogue.hpp"

#include <string_view>

namespace inferometer::exposition {

[[nodiscard]] std::string_view type_name(metrics::MetricType type);

/// The family's name in OpenMetrics: a counter's is without the `_total` of its samples.
[[nodiscard]] std::string_view openmetrics_name(const metrics::Metric& metric);

/// The unit that the name ends in, `seconds`, `bytes` or `ratio`; empty if it does not.
[[nodiscard]] std::string_view unit_of(const metrics::Metric& metric);

}  // namespace inferometer::exposition
