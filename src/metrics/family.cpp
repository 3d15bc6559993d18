#include "metrics/family.hpp"

#include <algorithm>
#include <array>

namespace inferometer::metrics {
namespace {

/// Whether `name` is the family's, or that of a sample which some format writes for it.
bool names_metric(std::string_view name, const Metric& metric) {
  if (name == metric.name) {
    return true;
  }
  if (metric.type == MetricType::counter) {
    return metric.name.starts_with(name) && metric.name.substr(name.size()) == "_total";
  }
  static constexpr std::array<std::string_view, 3> k_suffixes{"_bucket", "_count", "_sum"};
  return metric.type == MetricType::histogram && name.starts_with(metric.name) &&
         std::ranges::find(k_suffixes, name.substr(metric.name.size())) != k_suffixes.end();
}

}  // namespace

bool Selection::includes(const Metric& metric) const {
  return names.empty() || std::ranges::any_of(names, [&metric](const std::string& name) {
           return names_metric(name, metric);
         });
}

}  // namespace inferometer::metrics
