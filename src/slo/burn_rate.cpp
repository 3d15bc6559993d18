#include "slo/burn_rate.hpp"

#include <algorithm>
#include <cmath>

namespace inferometer::slo {

double error_budget(const config::Slo& slo) {
  return 1 - slo.objective / 100;
}

std::optional<double> error_threshold(const BurnRateAlert& alert, const config::Slo& slo) {
  const double threshold = alert.burn_rate * error_budget(slo);
  return threshold < 1 ? std::optional(threshold) : std::nullopt;
}

std::optional<base::Duration> time_to_fire(std::string_view severity, const config::Slo& slo,
                                           base::Duration interval, int fewest) {
  std::optional<base::Duration> earliest;
  for (const BurnRateAlert& alert : k_burn_rate_alerts) {
    if (alert.severity != severity) {
      continue;
    }
    const double events = base::seconds(alert.long_window) / base::seconds(interval);
    const std::optional<double> threshold = error_threshold(alert, slo);
    const double above = threshold ? std::floor(*threshold * events) + 1 : std::floor(events);
    const double needed = std::max(above, static_cast<double>(fewest));
    if (needed > events) {
      continue;
    }
    const auto time = interval * static_cast<base::Duration::rep>(needed);
    earliest = std::min(earliest.value_or(time), time);
  }
  return earliest;
}

}  // namespace inferometer::slo
