#include "daemon/probing/allowances.hpp"

#include <algorithm>

namespace inferometer::daemon {
namespace {

using config::Target;
using schedule::Allowance;
using schedule::RateLimit;

std::shared_ptr<RateLimit> keep_or_make(
    const std::map<std::string, std::shared_ptr<RateLimit>>& before, const std::string& provider,
    std::optional<schedule::Rate> rate) {
  if (const auto kept = before.find(provider); kept != before.end()) {
    kept->second->set(rate);
    return kept->second;
  }
  return std::make_shared<RateLimit>(rate);
}

}  // namespace

std::optional<schedule::Rate> rate_of(const config::Provider& provider, const RateShares& shares) {
  const std::optional<std::uint32_t> limit = provider.rate_limit.requests_per_minute;
  if (!limit) {
    return std::nullopt;
  }
  const auto share = shares.find(provider.name);
  return schedule::share_of(*limit, share == shares.end() ? 1 : share->second);
}

void Allowances::apply(const Targets& targets, const RateShares& shares) {
  RateLimits rate_limits;
  std::map<Key, Entry> entries;
  for (const auto& target : targets) {
    const config::Provider& provider = target->provider;
    if (!rate_limits.contains(provider.name)) {
      rate_limits.emplace(provider.name,
                          keep_or_make(m_rate_limits, provider.name, rate_of(provider, shares)));
    }
    entries[{provider.name, target->model.name}].targets.push_back(target);
  }
  for (auto& [key, entry] : entries) {
    const auto before = m_entries.find(key);
    const bool unchanged =
        before != m_entries.end() &&
        std::ranges::equal(before->second.targets, entry.targets,
                           [](const auto& one, const auto& other) { return *one == *other; });
    entry.allowance = unchanged ? before->second.allowance
                                : std::make_shared<Allowance>(
                                      rate_limits.at(key.first),
                                      entry.targets.front()->provider.rate_limit.max_hold);
  }
  m_entries = std::move(entries);
  m_rate_limits = std::move(rate_limits);
}

const std::shared_ptr<Allowance>& Allowances::find(const Target& target) const {
  return m_entries.at({target.provider.name, target.model.name}).allowance;
}

}  // namespace inferometer::daemon
