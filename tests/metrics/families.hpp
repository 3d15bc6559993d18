#pragma once

#include "metrics/snapshot.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <variant>
#include <vector>

namespace inferometer::metrics {

/// All labels of a sample, in the order of exposition.
inline Labels labels_of(const Sample& sample) {
  Labels labels = sample.labels != nullptr ? *sample.labels : Labels{};
  if (sample.last_label) {
    labels.push_back(*sample.last_label);
  }
  return labels;
}

/// The family of that name, or null.
inline const Family* find_family(const Families& families, const std::string& name) {
  const auto found = std::ranges::find_if(
      families, [&](const Family& family) { return family.metric->name == name; });
  return found == families.end() ? nullptr : &*found;
}

/// The sample whose last label is `label`, or the only one if that is empty; fails the test if
/// there is none.
inline Sample find_sample(const Families& families, const std::string& name,
                          const std::string& label = "") {
  const auto* const family = find_family(families, name);
  REQUIRE_MESSAGE(family != nullptr, name);
  if (label.empty()) {
    REQUIRE(family->samples.size() == 1);
    return family->samples.front();
  }
  const auto found = std::ranges::find_if(family->samples, [&](const Sample& sample) {
    return labels_of(sample).back().value == label;
  });
  REQUIRE_MESSAGE(found != family->samples.end(), name << " " << label);
  return *found;
}

/// The value of a counter or gauge.
inline double value(const Families& families, const std::string& name,
                    const std::string& label = "") {
  return std::get<double>(find_sample(families, name, label).value);
}

inline HistogramSample histogram(const Families& families, const std::string& name,
                                 const std::string& label = "") {
  return std::get<HistogramSample>(find_sample(families, name, label).value);
}

inline SummarySample summary(const Families& families, const std::string& name,
                             const std::string& label = "") {
  return std::get<SummarySample>(find_sample(families, name, label).value);
}

}  // namespace inferometer::metrics
