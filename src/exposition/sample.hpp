#pragma once

#include "metrics/catalogue.hpp"
#include "metrics/snapshot.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

/// What the formats have in common: how a family is called, and the labels and exemplars of its
/// samples.
namespace inferometer::exposition {

[[nodiscard]] std::string_view type_name(metrics::MetricType type);

/// The family's name in OpenMetrics: a counter's is without the `_total` of its samples.
[[nodiscard]] std::string_view openmetrics_name(const metrics::Metric& metric);

/// The unit that the name ends in, `seconds`, `bytes` or `ratio`; empty if it does not.
[[nodiscard]] std::string_view unit_of(const metrics::Metric& metric);

/// Calls `visit(label)` for each label of a sample, in the order of exposition.
template <typename Visitor>
void for_each_label(const metrics::Sample& sample, Visitor visit) {
  if (sample.labels) {
    for (const metrics::Label& label : *sample.labels) {
      visit(label);
    }
  }
  if (sample.last_label) {
    visit(*sample.last_label);
  }
}

/// The one label of our exemplars.
inline constexpr std::string_view k_exemplar_label = "measurement_id";

/// Its value: the id in hexadecimal digits.
using ExemplarId = std::array<char, 16>;
[[nodiscard]] ExemplarId exemplar_id(std::uint64_t measurement);

/// Prometheus drops an exemplar whose labels are longer, and reports nothing.
inline constexpr std::size_t k_longest_exemplar_labels = 128;
static_assert(k_exemplar_label.size() + ExemplarId{}.size() <= k_longest_exemplar_labels);

/// Gives the buckets of one histogram their exemplars. The exemplars must outlive it.
class ExemplarCursor {
 public:
  /// `exemplars` ascend by value.
  explicit ExemplarCursor(std::span<const metrics::Exemplar> exemplars) : m_rest(exemplars) {}

  /// The latest exemplar of the bucket up to `upper_bound`, or null if it has none. The buckets are
  /// asked for in ascending order, each once.
  const metrics::Exemplar* take(double upper_bound);

 private:
  std::span<const metrics::Exemplar> m_rest;
};

}  // namespace inferometer::exposition
