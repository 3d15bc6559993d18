#include "metrics/snapshot.hpp"

#include <algorithm>
#include <array>
#include <span>

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
  const std::span<const std::string_view> suffixes =
      metric.type == MetricType::histogram ? std::span(k_suffixes)
      : metric.type == MetricType::summary ? std::span(k_suffixes).subspan(1)
                                           : std::span<const std::string_view>();
  return name.starts_with(metric.name) &&
         std::ranges::find(suffixes, name.substr(metric.name.size())) != suffixes.end();
}

/// Labels, and what holds the names of some of them.
struct OwnedLabels {
  std::map<std::string, std::string> added;
  Labels labels;
};

}  // namespace

std::shared_ptr<const Labels> make_labels(Labels labels,
                                          const std::map<std::string, std::string>& added) {
  const auto owned = std::make_shared<OwnedLabels>(OwnedLabels{added, std::move(labels)});
  for (const auto& [name, value] : owned->added) {
    owned->labels.push_back({name, value});
  }
  return {owned, &owned->labels};
}

bool Selection::includes(const Metric& metric) const {
  return names.empty() || std::ranges::any_of(names, [&metric](const std::string& name) {
           return names_metric(name, metric);
         });
}

}  // namespace inferometer::metrics
