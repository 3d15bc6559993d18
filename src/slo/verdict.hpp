#pragma once

#include "config/config.hpp"
#include "measure/measurement.hpp"
#include "measure/trust.hpp"

namespace inferometer::slo {

/// What one attempt is to an SLO.
enum class Verdict {
  good,
  bad,
  not_judged,  ///< no event: neither for the provider nor against it
};

/// Pure. A failure is bad whatever the indicator is. No event is what says nothing of the provider:
/// suspect attempts and internal errors; nor a success without a figure that a condition needs,
/// such as a time per token without usage, unless another condition is missed anyway. `samples` are
/// the measurement's.
[[nodiscard]] Verdict judge(const config::Sli& sli, const measure::Measurement& measurement,
                            const measure::Samples& samples);

}  // namespace inferometer::slo
