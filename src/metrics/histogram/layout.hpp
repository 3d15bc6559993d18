#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace inferometer::metrics {

/// How a histogram counts classic and native buckets at once: the axis is cut at the edges of both,
/// and a value is counted in one *cell* only, so that either form is a sum of cells and the two
/// always agree. Native buckets span 2^−20 to 2^20 (a microsecond to twelve days): values up to the
/// lower end are in the zero bucket, those beyond the upper one in the bucket that ends at +Inf.
/// Immutable, hence thread-safe.
class HistogramLayout {
 public:
  /// `edges` are the finite upper bounds of the classic buckets, in any order; `schema` is 0 to 5.
  HistogramLayout(std::vector<double> edges, int schema);

  /// Where a value is counted.
  struct Place {
    std::size_t cell = 0;
    std::size_t bucket = 0;  ///< the classic one: the number of edges below the value
  };
  /// REQUIRES: the value is not NaN.
  [[nodiscard]] Place place(double value) const;

  /// The cells of one native bucket: its first one, and where the classic buckets have got by then.
  struct NativeSlot {
    std::uint32_t first_cell = 0;
    std::uint32_t first_edge = 0;  ///< the number of edges up to the bucket's lower bound
  };
  /// The zero bucket, those of the span in order, the one to +Inf; one more marks the end.
  [[nodiscard]] std::span<const NativeSlot> slots() const { return m_slots; }

  /// Strictly ascending.
  [[nodiscard]] std::span<const double> edges() const { return m_edges; }
  [[nodiscard]] std::size_t cells() const { return m_slots.back().first_cell; }
  [[nodiscard]] int schema() const { return m_schema; }
  [[nodiscard]] double zero_threshold() const;
  /// Whether the same values are counted together.
  [[nodiscard]] bool operator==(const HistogramLayout& other) const {
    return m_schema == other.m_schema && m_edges == other.m_edges;
  }
  /// The native index of a slot. REQUIRES: it is neither the zero bucket's nor the end.
  [[nodiscard]] std::int32_t native_index_of(std::size_t slot) const;

 private:
  [[nodiscard]] std::size_t slot_of(double value) const;

  std::vector<double> m_edges;
  int m_schema;
  std::vector<NativeSlot> m_slots;
};

}  // namespace inferometer::metrics
