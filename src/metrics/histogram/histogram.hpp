#pragma once

#include "base/clock.hpp"
#include "metrics/histogram/exemplar.hpp"
#include "metrics/histogram/layout.hpp"
#include "metrics/snapshot.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

namespace inferometer::metrics {

/// A histogram with classic and native buckets, and a recent exemplar for each classic one. Its
/// memory is bounded by its layout, and taken with the first value. Thread-safe: `observe` is
/// lock-free on any thread. A snapshot taken meanwhile is consistent in itself: its count is the
/// sum of its buckets in either form. Its sum may lag behind by the values being observed at that
/// moment.
class Histogram {
 public:
  /// `layout` is not null; `created` is when it is empty.
  Histogram(std::shared_ptr<const HistogramLayout> layout, base::WallTime created);
  Histogram(const Histogram&) = delete;
  Histogram& operator=(const Histogram&) = delete;
  ~Histogram();

  /// Counts one value; NaN is ignored. With a source, the value becomes its bucket's exemplar,
  /// unless another thread is just setting that one.
  void observe(double value, std::optional<ExemplarSource> source = {});

  /// Whether no value was ever counted.
  [[nodiscard]] bool empty() const;
  [[nodiscard]] const HistogramLayout& layout() const { return *m_layout; }
  /// As Unix time.
  [[nodiscard]] double created() const { return m_created; }

  /// In the forms that `selection` asks for; its names do not matter here.
  [[nodiscard]] HistogramSample snapshot(const Selection& selection = {}) const;

 private:
  struct Cells;

  Cells& cells();
  void read_counts(const Cells& cells, const Selection& selection, HistogramSample& sample) const;
  static void add_classic(std::span<const double> edges, HistogramSample& sample);
  void add_native(std::size_t slot, std::uint64_t count, HistogramSample& sample) const;
  static void read_exemplars(const Cells& cells, HistogramSample& sample);

  const std::shared_ptr<const HistogramLayout> m_layout;
  const double m_created;
  std::atomic<Cells*> m_cells{nullptr};  // owned; set once, by the first value
};

}  // namespace inferometer::metrics
