#pragma once

#include "metrics/family.hpp"

namespace inferometer::exposition {

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

}  // namespace inferometer::exposition
