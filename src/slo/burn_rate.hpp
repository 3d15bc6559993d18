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

/// Fires while both windows have spent the budget faster than the rate at which the long one alone
/// takes `budget_share` of it: the long window says that it matters, the short one that it goes on.
struct BurnRateAlert {
  std::string_view severity;  ///< page or ticket
  base::Duration short_window{};
  base::Duration long_window{};
  double budget_share = 0;  ///< of the whole window's
};

/// Within a window of 30 days, burn rates of 14.4, 6, 3 and 1.
inline constexpr std::array k_burn_rate_alerts{
    BurnRateAlert{"page", std::chrono::minutes(5), std::chrono::hours(1), 0.02},
    BurnRateAlert{"page", std::chrono::minutes(30), std::chrono::hours(6), 0.05},
    BurnRateAlert{"ticket", std::chrono::hours(2), std::chrono::hours(24), 0.1},
    BurnRateAlert{"ticket", std::chrono::hours(6), std::chrono::hours(72), 0.1},
};

/// As many bad events within its long window does any alert ask for: a probe a minute must not wake
/// somebody for one failure.
inline constexpr int k_fewest_bad_events = 3;

/// The share of bad events that may be.
[[nodiscard]] double error_budget(const config::Slo& slo);

/// The burn rate from which on the alert fires.
[[nodiscard]] double burn_rate(const BurnRateAlert& alert, const config::Slo& slo);

/// The share of bad events above which the alert fires. None where the burn rate is that of more
/// than a total outage: then it fires in one.
[[nodiscard]] std::optional<double> error_threshold(const BurnRateAlert& alert,
                                                    const config::Slo& slo);

/// How long after a healthy time a total outage begins until any alert of the severity fires, for a
/// target that is asked each `interval`; none if none ever does. At least `fewest` bad events must
/// be among those of a long window.
[[nodiscard]] std::optional<base::Duration> time_to_fire(std::string_view severity,
                                                         const config::Slo& slo,
                                                         base::Duration interval,
                                                         int fewest = k_fewest_bad_events);

}  // namespace inferometer::slo
