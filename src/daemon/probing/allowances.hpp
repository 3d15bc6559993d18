#pragma once

#include "config/config.hpp"
#include "daemon/probing/own_part.hpp"
#include "schedule/allowance.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace inferometer::daemon {

/// How often a provider may be asked; no value: as often as one likes.
[[nodiscard]] std::optional<schedule::Rate> rate_of(const config::Provider& provider,
                                                    const RateShares& shares);

/// The allowances of all models, across reloads: a provider's rate limit keeps what it has counted,
/// and a hold stays unless the configuration of that provider or of one of the model's targets has
/// changed. Not thread-safe; what it hands out is.
class Allowances {
 public:
  /// `targets` are sorted by key, and those of the configuration from now on.
  void apply(const std::vector<std::shared_ptr<const config::Target>>& targets,
             const RateShares& shares);

  /// REQUIRES: the target is one of the configuration's.
  [[nodiscard]] const std::shared_ptr<schedule::Allowance>& find(
      const config::Target& target) const;

 private:
  using Targets = std::vector<std::shared_ptr<const config::Target>>;
  struct Entry {
    Targets targets;  ///< of the model
    std::shared_ptr<schedule::Allowance> allowance;
  };
  using Key = std::pair<std::string, std::string>;  ///< provider and model
  using RateLimits = std::map<std::string, std::shared_ptr<schedule::RateLimit>>;

  std::map<Key, Entry> m_entries;
  RateLimits m_rate_limits;  ///< by provider
};

}  // namespace inferometer::daemon
