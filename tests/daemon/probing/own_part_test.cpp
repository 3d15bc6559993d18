#include "daemon/probing/own_part.hpp"

#include "config/load.hpp"
#include "daemon/daemon.hpp"
#include "daemon/probing/allowances.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <map>
#include <random>
#include <set>
#include <string>

namespace inferometer::daemon {
namespace {

using config::Config;
using config::TargetKey;
using namespace std::chrono_literals;

std::shared_ptr<const Config> load(const std::string& text) {
  auto loaded = config::load_text(text, "inferometer.yml", load_options());
  REQUIRE(loaded.has_value());
  return std::make_shared<const Config>(*std::move(loaded));
}

/// Some providers with some models each, and their own metrics.
std::shared_ptr<const Config> make_config(std::minstd_rand& random) {
  std::string providers;
  std::string probes;
  const unsigned count = 1 + static_cast<unsigned>(random() % 12);
  for (unsigned i = 0; i < count; ++i) {
    std::string models;
    for (unsigned j = 0; j <= random() % 9; ++j) {
      models += fmt::format("m{},", j);
    }
    providers += fmt::format(
        "  - {{name: p{0}, protocol: openai-chat, base_url: \"http://127.0.0.1:9/v1\", "
        "models: [{1}], rate_limit: {{requests_per_minute: {2}}}, "
        "server_metrics: {{kind: vllm, url: \"http://127.0.0.1:9/{0}\"}}}}\n",
        i, models, 1 + random() % 100);
    probes += fmt::format("  - {{providers: [p{}], workloads: [w], interval: {}s}}\n", i,
                          1 + random() % 300);
  }
  return load("providers:\n" + providers + "probes:\n" + probes +
              "workloads: [{name: w, input_tokens: 16, output_tokens: 4}]\n");
}

double per_minute(const schedule::Rate& rate) {
  return rate.requests * (base::seconds(1min) / base::seconds(rate.period));
}

}  // namespace

TEST_CASE("one shard does the whole configuration, with the whole of each rate limit") {
  std::minstd_rand random(1);
  const auto config = make_config(random);
  const OwnPart own = own_part(config, {});
  CHECK(own.config == config);
  CHECK(rate_of(config->providers[0], own.rate_shares)->requests ==
        config->providers[0].rate_limit.requests_per_minute);
}

TEST_CASE("shards together probe each target once and read each server's metrics once") {
  std::minstd_rand random(2);
  for (int round = 0; round < 50; ++round) {
    const auto config = make_config(random);
    const std::uint32_t count = 2 + static_cast<std::uint32_t>(random() % 9);
    std::multiset<TargetKey> targets;
    std::multiset<std::string> server_metrics;
    for (std::uint32_t index = 0; index < count; ++index) {
      const OwnPart own = own_part(config, {.index = index, .count = count});
      for (const TargetKey& key : own.config->target_keys()) {
        targets.insert(key);
        CHECK(shard_of(key, count) == index);
      }
      for (const config::Provider& provider : own.config->providers) {
        if (provider.server_metrics) {
          server_metrics.insert(provider.name);
        }
      }
    }
    const std::vector<TargetKey> all = config->target_keys();
    CHECK(targets == std::multiset<TargetKey>(all.begin(), all.end()));
    CHECK(server_metrics.size() == config->providers.size());
    CHECK(std::set<std::string>(server_metrics.begin(), server_metrics.end()).size() ==
          server_metrics.size());
  }
}

TEST_CASE("shards together do not exceed a provider's rate limit, and none gets nothing") {
  std::minstd_rand random(3);
  for (int round = 0; round < 50; ++round) {
    const auto config = make_config(random);
    const std::uint32_t count = 2 + static_cast<std::uint32_t>(random() % 9);
    std::map<std::string, double> rates;
    for (std::uint32_t index = 0; index < count; ++index) {
      const OwnPart own = own_part(config, {.index = index, .count = count});
      std::set<std::string> probed;
      for (const config::Target& target : own.config->targets) {
        probed.insert(target.provider.name);
      }
      for (const config::Provider& provider : config->providers) {
        if (probed.contains(provider.name)) {
          const auto rate = rate_of(provider, own.rate_shares);
          REQUIRE(rate);
          CHECK(rate->requests > 0);
          rates[provider.name] += per_minute(*rate);
        }
      }
    }
    for (const config::Provider& provider : config->providers) {
      CHECK(rates.at(provider.name) <= *provider.rate_limit.requests_per_minute + 1e-6);
    }
  }
}

TEST_CASE("a shard that probes nothing of a provider does not know it") {
  const auto config = load(
      "providers: [{name: p, protocol: openai-chat, base_url: \"http://127.0.0.1:9/v1\", "
      "models: [m]}]\n"
      "workloads: [{name: w, input_tokens: 16, output_tokens: 4}]\n"
      "probes: [{providers: [p], workloads: [w]}]\n");
  const std::uint32_t owner = shard_of({"p", "m", "w"}, 2);
  CHECK(own_part(config, {.index = owner, .count = 2}).config->providers.size() == 1);
  CHECK(own_part(config, {.index = 1 - owner, .count = 2}).config->providers.empty());
}

}  // namespace inferometer::daemon
