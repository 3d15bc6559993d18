#include "daemon/probing/own_part.hpp"

#include "base/clock.hpp"
#include "daemon/probing/plans.hpp"

#include <algorithm>
#include <utility>

namespace inferometer::daemon {
namespace {

using config::Config;
using config::Provider;
using config::Target;

/// Attempts a second that the schedule makes.
double rate_of(const Target& target) {
  return 1 / base::seconds(target.interval);
}

RateShares shares_of(const Config& whole, const Config& own) {
  std::map<std::string, double> all;
  for (const Target& target : whole.targets) {
    all[target.provider.name] += rate_of(target);
  }
  RateShares shares;
  for (const Target& target : own.targets) {
    const std::string& provider = target.provider.name;
    shares[provider] += rate_of(target) / all.at(provider);
  }
  return shares;
}

}  // namespace

std::uint32_t shard_of(const config::TargetKey& key, std::uint32_t count) {
  return schedule::shard_of(identity_of(key), count);
}

OwnPart own_part(std::shared_ptr<const Config> config, const schedule::Shard& shard) {
  if (shard.count == 1) {
    return {.config = std::move(config), .rate_shares = {}};
  }
  auto own = std::make_shared<Config>(*config);
  std::erase_if(own->targets, [&shard](const Target& target) {
    return !schedule::belongs_to(identity_of(target.key()), shard);
  });
  RateShares shares = shares_of(*config, *own);
  for (Provider& provider : own->providers) {
    if (!schedule::belongs_to(provider.name, shard)) {
      provider.server_metrics.reset();
    }
  }
  std::erase_if(own->providers, [&shares](const Provider& provider) {
    return !shares.contains(provider.name) && !provider.server_metrics;
  });
  return {.config = std::move(own), .rate_shares = std::move(shares)};
}

}  // namespace inferometer::daemon
