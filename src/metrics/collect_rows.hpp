#pragma once

#include "metrics/snapshot.hpp"

#include <utility>
#include <vector>

namespace inferometer::metrics {

/// The families of those rows that `selection` asks for, in the order of the rows; one without any
/// sample is left out. A row has a `metric`, and `append(row, samples)` adds what it shows.
template <typename Rows, typename Append>
[[nodiscard]] Families collect_rows(const Rows& rows, const Selection& selection,
                                    const Append& append) {
  Families families;
  for (const auto& row : rows) {
    if (!selection.includes(row.metric)) {
      continue;
    }
    Family family{.metric = &row.metric, .samples = {}};
    append(row, family.samples);
    if (!family.samples.empty()) {
      families.push_back(std::move(family));
    }
  }
  return families;
}

}  // namespace inferometer::metrics
