#pragma once

#include <doctest/doctest.h>
#include <prometheus/metric_family.h>

#include <algorithm>
#include <string>
#include <vector>

namespace inferometer::metrics {

using Families = std::vector<prometheus::MetricFamily>;

/// The family of that name, or null.
inline const prometheus::MetricFamily* find_family(const Families& families,
                                                   const std::string& name) {
  const auto found = std::find_if(families.begin(), families.end(),
                                  [&](const auto& family) { return family.name == name; });
  return found == families.end() ? nullptr : &*found;
}

/// The sample whose last label is `label`, or the only one if that is empty; fails the test if
/// there is none.
inline prometheus::ClientMetric find_sample(const Families& families, const std::string& name,
                                            const std::string& label = "") {
  const auto* const family = find_family(families, name);
  REQUIRE_MESSAGE(family != nullptr, name);
  if (label.empty()) {
    REQUIRE(family->metric.size() == 1);
    return family->metric.front();
  }
  const auto found =
      std::find_if(family->metric.begin(), family->metric.end(),
                   [&](const auto& sample) { return sample.label.back().value == label; });
  REQUIRE_MESSAGE(found != family->metric.end(), name << " " << label);
  return *found;
}

inline double counter(const Families& families, const std::string& name,
                      const std::string& label = "") {
  return find_sample(families, name, label).counter.value;
}

inline double gauge(const Families& families, const std::string& name) {
  return find_sample(families, name).gauge.value;
}

}  // namespace inferometer::metrics
