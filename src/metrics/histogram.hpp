#pragma once

#include <prometheus/client_metric.h>

#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

namespace inferometer::metrics {

/// A histogram with classic buckets. `observe` is lock-free on any thread; a `snapshot` taken
/// meanwhile is consistent in itself: its count is the sum of its buckets. Its sum may lag behind
/// by the values being observed at that moment.
class Histogram {
 public:
  /// `edges` are the finite upper bounds (inclusive, as Prometheus' `le`), strictly ascending; they
  /// are not copied and must outlive the histogram.
  explicit Histogram(std::span<const double> edges);

  /// Counts one value; NaN is ignored.
  void observe(double value);

  [[nodiscard]] bool empty() const;

  /// The cumulative buckets, the last of them +Inf.
  [[nodiscard]] prometheus::ClientMetric::Histogram snapshot() const;

 private:
  std::span<const double> m_edges;
  std::vector<std::atomic<std::uint64_t>> m_counts;  // one a bucket, the last is +Inf
  std::atomic<double> m_sum{0};
};

}  // namespace inferometer::metrics
