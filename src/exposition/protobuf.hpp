#pragma once

#include "metrics/family.hpp"

#include <string>

namespace inferometer::exposition {

/// io.prometheus.client.MetricFamily messages, each after its length: classic and native
/// histograms, exemplars, and since when a counter counts. Source: client_model's metrics.proto.
[[nodiscard]] std::string write_protobuf(const metrics::Families& families);

}  // namespace inferometer::exposition
