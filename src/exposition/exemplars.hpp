#pragma once

#include "metrics/family.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace inferometer::exposition {

/// The one label of our exemplars.
inline constexpr std::string_view k_exemplar_label = "measurement_id";

/// Its value: the id in hexadecimal digits.
using ExemplarId = std::array<char, 16>;
[[nodiscard]] ExemplarId exemplar_id(std::uint64_t measurement);

/// Prometheus drops an exemplar whose labels are longer, without a word.
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
