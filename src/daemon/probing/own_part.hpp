#pragma once

#include "config/config.hpp"
#include "schedule/shard.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace inferometer::daemon {

/// Which share of each provider's rate limit may be used, in (0, 1]; all of it where a provider is
/// not named.
using RateShares = std::map<std::string, double, std::less<>>;

/// What one shard does of a configuration.
struct OwnPart {
  /// Its targets, and the providers that these are of or whose own metrics it reads: each
  /// provider's are read by one shard.
  std::shared_ptr<const config::Config> config;
  /// In proportion to how often the shard probes the provider: together, the shards do not exceed
  /// its limit.
  RateShares rate_shares;
};

/// The whole configuration, for a single shard.
[[nodiscard]] OwnPart own_part(std::shared_ptr<const config::Config> config,
                               const schedule::Shard& shard);

/// Which shard probes a target.
[[nodiscard]] std::uint32_t shard_of(const config::TargetKey& key, std::uint32_t count);

}  // namespace inferometer::daemon
