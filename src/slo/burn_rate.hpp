#pragma once

#include "base/clock.hpp"
#include "config/config.hpp"

#include <array>
#include <optional>
#include <string_view>

/// When the errors of an SLO are worth waking somebody: multi-window, multi-burn-rate alerts as in
/// Google's "The Site Reliability Workbook", chapter 5. The burn rate is how many times faster than
/// the objective allows the error budget is spent.
namespace inferometer::slo {

/// Fires while both windows spend the budget faster than `burn_rate`: the long window says that it
/// matters, the short one that it goes on.
struct BurnRateAlert {
  std::string_view severity;  ///< page or ticket
  base::Duration short_window{};
  base::Duration long_window{};
  double burn_rate = 0;
};

/// The same whatever the window of the SLO: a rate of 1 spends its budget by the window's end. Of a
/// window of 30 days, the long windows take 2, 5, 10 and 10 % of the budget.
inline constexpr std::array k_burn_rate_alerts{
    BurnRateAlert{"page", std::chrono::minutes(5), std::chrono::hours(1), 14.4},
    BurnRateAlert{"page", std::chrono::minutes(30), std::chrono::hours(6), 6},
    BurnRateAlert{"ticket", std::chrono::hours(2), std::chrono::hours(24), 3},
    BurnRateAlert{"ticket", std::chrono::hours(6), std::chrono::hours(72), 1},
};

/// As many runs must be bad within its long window for any alert: a probe a minute must not wake
/// somebody for one failure.
inline constexpr int k_fewest_bad_runs = 3;

/// The share of bad events that may be.
[[nodiscard]] double error_budget(const config::Slo& slo);

/// The share of bad events above which the alert fires. None where the burn rate is that of more
/// than a total outage: then it fires in one.
[[nodiscard]] std::optional<double> error_threshold(const BurnRateAlert& alert,
                                                    const config::Slo& slo);

/// How long after a healthy time a total outage begins until any alert of the severity fires, for a
/// target that is asked each `interval`; none if none ever does. At least `fewest` runs of a long
/// window must be bad.
[[nodiscard]] std::optional<base::Duration> time_to_fire(std::string_view severity,
                                                         const config::Slo& slo,
                                                         base::Duration interval,
                                                         int fewest = k_fewest_bad_runs);

}  // namespace inferometer::slo
