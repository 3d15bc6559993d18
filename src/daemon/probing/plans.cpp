#include "daemon/probing/plans.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace inferometer::daemon {

base::Duration first_within(std::size_t targets, const std::optional<schedule::Rate>& rate) {
  constexpr base::Duration k_usual = std::chrono::seconds(30);
  if (!rate) {
    return k_usual;
  }
  const base::Duration between = rate->period / static_cast<std::int64_t>(rate->requests);
  return std::max(k_usual, static_cast<std::int64_t>(targets) * between);
}

std::string identity_of(const config::TargetKey& key) {
  // No name can hold the separator.
  return fmt::format("{}\n{}\n{}", key.provider, key.model, key.workload);
}

}  // namespace inferometer::daemon
