#pragma once

#include "metrics/snapshot.hpp"
#include "slo/ledger.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace inferometer::metrics {

/// What one SLO at one target shows, named as in the catalogue.
struct SloSeries {
  /// The threshold of one condition.
  struct Threshold {
    std::shared_ptr<const Labels> labels;  ///< the target's, and that of the SLO
    Label sli;
    double seconds = 0;
  };

  slo::TargetSlo target;
  Label name;
  double objective = 0;  ///< 0 to 1
  std::vector<Threshold> thresholds;
  std::optional<double> speed_threshold;  ///< tokens per second
};

/// Those of a target whose labels these are, in the configuration's order.
[[nodiscard]] std::vector<SloSeries> make_slo_series(const slo::TargetSlos& slos,
                                                     const Labels& target);

}  // namespace inferometer::metrics
