#pragma once

#include "base/log.hpp"
#include "daemon/probing/prober.hpp"
#include "metrics/families.hpp"
#include "sim/server.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace inferometer::daemon {

/// A prober of one target at a simulator.
class Probing {
 public:
  explicit Probing(sim::Options options = {})
      : m_server(sim::Server::start(std::move(options)).value()) {
    base::log::configure(base::log::Level::error, base::log::Format::logfmt);
    m_config.providers.resize(1);
    config::Provider& provider = m_config.providers.front();
    provider.name = "p";
    provider.protocol = "openai-chat";
    provider.base_url = fmt::format("http://127.0.0.1:{}/v1", m_server.port());
    provider.headers = {{"X-Sim-Ttft", "1ms"}, {"X-Sim-Itl", "1ms"}};
    m_target.model.name = "m";
    m_target.workload = {.name = "w", .input_tokens = 32, .output_tokens = 4};
    m_target.interval = std::chrono::milliseconds(50);
  }

  [[nodiscard]] config::Provider& provider() { return m_config.providers.front(); }
  [[nodiscard]] config::Target& target() { return m_target; }
  [[nodiscard]] sim::Server& server() { return m_server; }

  /// The provider needs a token, which that port of this host gives for the secret in
  /// INFEROMETER_TEST_SECRET.
  void use_token_of(std::uint16_t port) {
    provider().auth =
        config::OAuth2Auth{.token_url = fmt::format("http://127.0.0.1:{}/token", port),
                           .client_id = "sim-client",
                           .client_secret = {.kind = config::SecretRef::Kind::environment,
                                             .name = "INFEROMETER_TEST_SECRET"},
                           .scope = ""};
  }

  /// One more target, of the same provider.
  void add(config::Target target) { m_others.push_back(std::move(target)); }

  void apply() {
    m_config.targets = {m_target};
    m_config.targets.insert(m_config.targets.end(), m_others.begin(), m_others.end());
    for (config::Target& target : m_config.targets) {
      target.provider = provider();
    }
    std::ranges::sort(m_config.targets, {}, &config::Target::key);
    m_prober.apply(std::make_shared<const config::Config>(m_config));
  }

  [[nodiscard]] metrics::Families families() const { return m_prober.collect(); }
  [[nodiscard]] double count(const std::string& name, const std::string& label = "") const {
    return metrics::value(families(), "llm_probe_" + name, label);
  }
  /// The same of all targets together.
  [[nodiscard]] double total(const std::string& name, const std::string& label = "") const {
    const metrics::Families all = families();
    double sum = 0;
    if (const auto* const family = metrics::find_family(all, "llm_probe_" + name)) {
      for (const metrics::Sample& sample : family->samples) {
        const bool counts = label.empty() || metrics::labels_of(sample).back().value == label;
        sum += counts ? std::get<double>(sample.value) : 0;
      }
    }
    return sum;
  }
  [[nodiscard]] Prober& prober() { return m_prober; }
  /// An attempt at the first target, besides the schedule.
  [[nodiscard]] OnDemandResult ask(std::optional<base::Duration> timeout = {},
                                   std::stop_token given_up = {}) {
    config::Target target = m_target;
    target.provider.name = provider().name;
    return m_prober.probe_once(
        {.target = target.key(), .timeout = timeout, .given_up = std::move(given_up)});
  }

 private:
  sim::Server m_server;
  config::Config m_config;
  config::Target m_target;
  std::vector<config::Target> m_others;
  metrics::SelfMetrics m_self;
  Prober m_prober{m_self};
};

}  // namespace inferometer::daemon
