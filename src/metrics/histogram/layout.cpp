#include "metrics/histogram/layout.hpp"

#include "metrics/histogram/native_buckets.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace inferometer::metrics {
namespace {

/// The span of the native buckets, as powers of two.
constexpr int k_lowest = -20;
constexpr int k_highest = 20;
constexpr double k_lower_end = 0x1p-20;
constexpr double k_upper_end = 0x1p20;

constexpr std::size_t spanned_buckets(int schema) {
  return std::size_t{k_highest - k_lowest} << static_cast<unsigned>(schema);
}

/// The index that Prometheus gives to the bucket of +Inf: one more than that of the largest double.
constexpr std::int32_t infinite_index(int schema) {
  return (1 << schema) * std::numeric_limits<double>::max_exponent + 1;
}

}  // namespace

HistogramLayout::HistogramLayout(std::vector<double> edges, int schema)
    : m_edges(std::move(edges)), m_schema(schema) {
  std::ranges::sort(m_edges);
  m_edges.erase(std::unique(m_edges.begin(), m_edges.end()), m_edges.end());

  const std::size_t spanned = spanned_buckets(schema);
  const std::size_t slots = 1 + spanned + 1;
  m_slots.reserve(slots + 1);
  NativeSlot slot;
  for (std::size_t i = 0; i < slots; ++i) {
    m_slots.push_back(slot);
    const double upper_bound = i == 0         ? k_lower_end
                               : i <= spanned ? native_upper_bound(native_index_of(i), schema)
                                              : std::numeric_limits<double>::infinity();
    ++slot.first_cell;
    for (; slot.first_edge < m_edges.size() && m_edges[slot.first_edge] <= upper_bound;
         ++slot.first_edge) {
      slot.first_cell += m_edges[slot.first_edge] < upper_bound ? 1U : 0U;
    }
  }
  m_slots.push_back(slot);
}

HistogramLayout::Place HistogramLayout::place(double value) const {
  const std::size_t slot = slot_of(value);
  Place place{.cell = m_slots[slot].first_cell, .bucket = m_slots[slot].first_edge};
  const std::size_t last_cell = m_slots[slot + 1].first_cell - 1U;
  while (place.cell < last_cell && value > m_edges[place.bucket]) {
    ++place.cell;
    ++place.bucket;
  }
  return place;
}

double HistogramLayout::zero_threshold() const {
  return k_lower_end;
}

std::int32_t HistogramLayout::native_index_of(std::size_t slot) const {
  return slot > spanned_buckets(m_schema)
             ? infinite_index(m_schema)
             : k_lowest * (1 << m_schema) + static_cast<std::int32_t>(slot);
}

std::size_t HistogramLayout::slot_of(double value) const {
  if (value <= k_lower_end) {
    return 0;
  }
  if (value > k_upper_end) {
    return m_slots.size() - 2;
  }
  return static_cast<std::size_t>(native_index(value, m_schema) - k_lowest * (1 << m_schema));
}

}  // namespace inferometer::metrics
