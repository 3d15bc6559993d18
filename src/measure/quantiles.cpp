#include "measure/quantiles.hpp"

#include <algorithm>
#include <cmath>

namespace inferometer::measure {

std::optional<double> quantile(std::vector<double> samples, double q) {
  if (samples.empty()) {
    return std::nullopt;
  }
  const double position = q * static_cast<double>(samples.size() - 1);
  const auto below = samples.begin() + static_cast<std::ptrdiff_t>(position);
  std::nth_element(samples.begin(), below, samples.end());
  if (below + 1 == samples.end()) {
    return *below;
  }
  const double above = *std::min_element(below + 1, samples.end());
  return std::lerp(*below, above, position - std::floor(position));
}

}  // namespace inferometer::measure
