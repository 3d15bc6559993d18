#pragma once

#include <optional>
#include <vector>

namespace inferometer::measure {

/// The exact quantile of samples in any order, by linear interpolation between order statistics
/// (type 7 of Hyndman and Fan, 1996: the default of numpy and R); no value without samples.
/// REQUIRES: no sample is NaN; 0 <= q <= 1.
[[nodiscard]] std::optional<double> quantile(std::vector<double> samples, double q);

}  // namespace inferometer::measure
