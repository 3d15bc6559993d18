#include "metrics/catalogue.hpp"

#include <string>

namespace inferometer::metrics {

prometheus::MetricFamily make_family(const Metric& metric) {
  return {std::string(metric.name), std::string(metric.help), metric.type, {}};
}

}  // namespace inferometer::metrics
