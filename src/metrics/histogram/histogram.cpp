#include "metrics/histogram/histogram.hpp"

#include "metrics/histogram/exemplar.hpp"

#include <cmath>
#include <limits>
#include <utility>
#include <vector>

namespace inferometer::metrics {

struct Histogram::Cells {
  explicit Cells(const HistogramLayout& layout)
      : counts(layout.cells()), exemplars(layout.edges().size() + 1) {}

  std::vector<std::atomic<std::uint64_t>> counts;
  std::vector<ExemplarSlot> exemplars;  // one a classic bucket
  std::atomic<double> sum{0};
};

Histogram::Histogram(std::shared_ptr<const HistogramLayout> layout, base::WallTime created)
    : m_layout(std::move(layout)), m_created(base::unix_seconds(created)) {}

Histogram::~Histogram() {
  delete m_cells.load();
}

Histogram::Cells& Histogram::cells() {
  Cells* present = m_cells.load(std::memory_order_acquire);
  if (present == nullptr) {
    auto made = std::make_unique<Cells>(*m_layout);
    if (m_cells.compare_exchange_strong(present, made.get(), std::memory_order_acq_rel)) {
      present = made.release();
    }
  }
  return *present;
}

void Histogram::observe(double value, std::optional<ExemplarSource> source) {
  if (std::isnan(value)) {
    return;
  }
  Cells& cells = this->cells();
  const HistogramLayout::Place place = m_layout->place(value);
  cells.counts[place.cell].fetch_add(1, std::memory_order_relaxed);
  cells.sum.fetch_add(value, std::memory_order_relaxed);
  if (source) {
    cells.exemplars[place.bucket].store(
        {.measurement = source->measurement, .value = value, .unix_seconds = source->unix_seconds});
  }
}

bool Histogram::empty() const {
  return m_cells.load(std::memory_order_acquire) == nullptr;
}

HistogramSample Histogram::snapshot(const Selection& selection) const {
  HistogramSample sample;
  if (selection.native) {
    sample.native =
        NativeBuckets{.schema = m_layout->schema(), .zero_threshold = m_layout->zero_threshold()};
  }
  if (const Cells* const cells = m_cells.load(std::memory_order_acquire)) {
    read_counts(*cells, selection, sample);
    read_exemplars(*cells, sample);
    sample.sum = cells->sum.load(std::memory_order_relaxed);
  } else if (selection.classic) {
    add_classic(m_layout->edges(), sample);
  }
  sample.buckets.push_back({std::numeric_limits<double>::infinity(), sample.count});
  return sample;
}

void Histogram::read_counts(const Cells& cells, const Selection& selection,
                            HistogramSample& sample) const {
  const std::span<const double> edges = m_layout->edges();
  const std::span<const HistogramLayout::NativeSlot> slots = m_layout->slots();
  sample.buckets.reserve(selection.classic ? edges.size() + 1 : 1);
  std::size_t edge = 0;
  for (std::size_t slot = 0; slot + 1 < slots.size(); ++slot) {
    const std::uint64_t count_before = sample.count;
    const std::size_t end = slots[slot + 1].first_cell;
    for (std::size_t cell = slots[slot].first_cell; cell < end; ++cell) {
      sample.count += cells.counts[cell].load(std::memory_order_relaxed);
      // Every cell ends at an edge but the last one, which ends where the native bucket does.
      const std::size_t passed = cell + 1 < end ? edge + 1 : slots[slot + 1].first_edge;
      if (selection.classic) {
        add_classic(edges.subspan(edge, passed - edge), sample);
      }
      edge = passed;
    }
    add_native(slot, sample.count - count_before, sample);
  }
}

void Histogram::add_classic(std::span<const double> edges, HistogramSample& sample) {
  for (const double edge : edges) {
    sample.buckets.push_back({edge, sample.count});
  }
}

void Histogram::add_native(std::size_t slot, std::uint64_t count, HistogramSample& sample) const {
  if (!sample.native || count == 0) {
    return;
  }
  if (slot == 0) {
    sample.native->zero_count = count;
  } else {
    sample.native->counts.push_back({m_layout->native_index_of(slot), count});
  }
}

void Histogram::read_exemplars(const Cells& cells, HistogramSample& sample) {
  for (const ExemplarSlot& slot : cells.exemplars) {
    if (const auto exemplar = slot.load()) {
      sample.exemplars.push_back(*exemplar);
    }
  }
}

}  // namespace inferometer::metrics
