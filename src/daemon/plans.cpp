#include "daemon/plans.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace inferometer::daemon {

base::Duration first_within(std::size_t targets, const config::RateLimit& rate_limit) {
  constexpr base::Duration k_usual = std::chrono::seconds(30);
  if (!rate_limit.requests_per_minute) {
    return k_usual;
  }
  const base::Duration between = base::Duration(std::chrono::minutes(1)) /
                                 static_cast<std::int64_t>(*rate_limit.requests_per_minute);
  return std::max(k_usual, static_cast<std::int64_t>(targets) * between);
}

std::string identity_of(const config::TargetKey& key) {
  // No name can hold the separator.
  return fmt::format("{}\n{}\n{}", key.provider, key.model, key.workload);
}

}  // namespace inferometer::daemon
