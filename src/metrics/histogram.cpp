#include "metrics/histogram.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace inferometer::metrics {

Histogram::Histogram(std::span<const double> edges) : m_edges(edges), m_counts(edges.size() + 1) {}

void Histogram::observe(double value) {
  if (std::isnan(value)) {
    return;
  }
  const auto edge = std::lower_bound(m_edges.begin(), m_edges.end(), value);
  const auto bucket = static_cast<std::size_t>(edge - m_edges.begin());
  m_counts[bucket].fetch_add(1, std::memory_order_relaxed);
  m_sum.fetch_add(value, std::memory_order_relaxed);
}

bool Histogram::empty() const {
  return std::ranges::all_of(
      m_counts, [](const auto& count) { return count.load(std::memory_order_relaxed) == 0; });
}

prometheus::ClientMetric::Histogram Histogram::snapshot() const {
  prometheus::ClientMetric::Histogram result;
  result.bucket.reserve(m_edges.size() + 1);
  for (std::size_t i = 0; i <= m_edges.size(); ++i) {
    result.sample_count += m_counts[i].load(std::memory_order_relaxed);
    const double edge = i < m_edges.size() ? m_edges[i] : std::numeric_limits<double>::infinity();
    result.bucket.push_back({result.sample_count, edge});
  }
  result.sample_sum = m_sum.load(std::memory_order_relaxed);
  return result;
}

}  // namespace inferometer::metrics
