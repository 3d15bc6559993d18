#include "daemon/prober.hpp"

#include "base/log.hpp"
#include "fakes/eventually.hpp"
#include "fakes/process.hpp"
#include "fakes/scripted_server.hpp"
#include "metrics/families.hpp"
#include "sim/server.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace inferometer::daemon {
namespace {

using fakes::eventually;
using metrics::Families;
using metrics::find_family;
using metrics::value;
using namespace std::chrono_literals;

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
    m_target.interval = 50ms;
  }

  [[nodiscard]] config::Provider& provider() { return m_config.providers.front(); }
  [[nodiscard]] config::Target& target() { return m_target; }
  [[nodiscard]] sim::Server& server() { return m_server; }

  void apply() {
    m_target.provider = provider();
    m_config.targets = {m_target};
    m_prober.apply(m_config);
  }

  [[nodiscard]] Families families() const { return m_prober.collect(); }
  [[nodiscard]] double count(const std::string& name, const std::string& label = "") const {
    return value(families(), "llm_probe_" + name, label);
  }
  [[nodiscard]] Prober& prober() { return m_prober; }

 private:
  sim::Server m_server;
  config::Config m_config;
  config::Target m_target;
  metrics::SelfMetrics m_self;
  Prober m_prober{m_self};
};

}  // namespace

TEST_CASE("prober: a refusal with a wish to be left alone holds the whole provider") {
  Probing probing;
  probing.provider().headers["X-Sim-Fault"] = "rate_limit_seconds";  // two seconds
  probing.apply();
  REQUIRE(eventually([&] { return probing.count("skipped_total", "rate_limited") >= 5; }));
  CHECK(probing.count("attempts_total") == 1);
  CHECK(probing.count("failures_total", "rate_limited") == 1);
}

TEST_CASE("prober: a hold outlives a reload") {
  Probing probing;
  probing.provider().headers["X-Sim-Fault"] = "rate_limit_seconds";
  probing.apply();
  REQUIRE(eventually([&] { return probing.count("failures_total", "rate_limited") == 1; }));
  probing.provider().headers.erase("X-Sim-Fault");
  probing.apply();
  REQUIRE(eventually([&] { return probing.count("skipped_total", "rate_limited") >= 5; }));
  CHECK(probing.count("attempts_total") == 1);
}

TEST_CASE("prober: a refusal without such a wish holds nothing") {
  Probing probing;
  probing.provider().headers["X-Sim-Fault"] = "status_429";
  probing.apply();
  REQUIRE(eventually([&] { return probing.count("attempts_total") >= 3; }));
  CHECK(probing.count("skipped_total", "rate_limited") == 0);
}

TEST_CASE("prober: no more requests are made than the rate limit of the configuration allows") {
  Probing probing;
  probing.provider().requests_per_minute = 2;
  probing.apply();
  REQUIRE(eventually([&] { return probing.count("skipped_total", "rate_limited") >= 3; }));
  CHECK(probing.count("attempts_total") == 2);
}

TEST_CASE("prober: retries are attempts of their own and end at their number") {
  Probing probing;
  probing.provider().headers["X-Sim-Fault"] = "status_500";
  probing.target().interval = 500ms;
  probing.target().workload.retries = {.max_retries = 2, .base_delay = 1ms, .max_delay = 5ms};
  probing.apply();
  REQUIRE(eventually([&] { return probing.count("attempts_total") >= 6; }));
  const Families families = probing.families();
  const double attempts = value(families, "llm_probe_attempts_total");
  const double retries = value(families, "llm_probe_retries_total");
  CHECK(value(families, "llm_probe_failures_total", "server_error") == attempts);
  CHECK(retries >= 4);
  CHECK(retries <= attempts * 2 / 3 + 1);
}

TEST_CASE("prober: a run goes on while it waits for its retry so that ticks do not pile up") {
  Probing probing;
  probing.provider().headers["X-Sim-Fault"] = "rate_limit_ms";  // 1.5 seconds
  probing.target().workload.retries = {.max_retries = 1, .base_delay = 1ms, .max_delay = 5s};
  probing.apply();
  REQUIRE(eventually([&] { return probing.count("skipped_total", "overlap") >= 3; }));
  CHECK(probing.count("attempts_total") == 1);
  REQUIRE(eventually([&] { return probing.count("retries_total") >= 1; }));
}

TEST_CASE("prober: nothing is repeated once text had come") {
  Probing probing;
  probing.provider().headers["X-Sim-Fault"] = "reset";
  probing.target().workload.retries = {.max_retries = 5, .base_delay = 1ms, .max_delay = 5ms};
  probing.apply();
  REQUIRE(eventually([&] { return probing.count("attempts_total") >= 3; }));
  CHECK(probing.count("retries_total") == 0);
}

TEST_CASE("prober: the prompt is calibrated to the provider's own count of tokens") {
  Probing probing;
  probing.provider().headers["X-Sim-Bytes-Per-Token"] = "3.1";
  probing.provider().headers["X-Sim-Template-Tokens"] = "23";
  probing.target().workload.input_tokens = 700;
  probing.apply();
  REQUIRE(eventually([&] { return probing.count("attempts_total") >= 6; }));
  const auto measured =
      probing.prober().probe_once(std::make_shared<const config::Target>(probing.target()));
  REQUIRE(measured);
  REQUIRE(measured->usage);
  CHECK(static_cast<double>(measured->usage->input.value_or(0)) ==
        doctest::Approx(700).epsilon(0.02));
}

TEST_CASE("prober: a reused prompt is served from the cache and one that avoids it is not") {
  Probing probing;
  config::Target& target = probing.target();
  target.workload.input_tokens = 600;
  probing.apply();
  const auto cached = [&](config::PrefixCache prefix_cache) {
    target.workload.prefix_cache = prefix_cache;
    target.provider = probing.provider();
    std::uint64_t last = 0;
    for (int i = 0; i < 6; ++i) {
      const auto measured =
          probing.prober().probe_once(std::make_shared<const config::Target>(target));
      REQUIRE(measured);
      REQUIRE(measured->usage);
      last = measured->usage->cached_input.value_or(0);
    }
    return last;
  };
  CHECK(cached(config::PrefixCache::avoid) == 0);
  CHECK(cached(config::PrefixCache::reuse) > 500);
}

TEST_CASE("prober: the server's own metrics show beside the probes") {
  Probing probing;
  probing.provider().server_metrics = config::ServerMetrics{
      .kind = config::ServerKind::vllm,
      .url = fmt::format("http://127.0.0.1:{}/metrics", probing.server().port()),
      .interval = 100ms};
  probing.apply();
  REQUIRE(eventually([&] {
    const Families families = probing.families();
    const auto* const ttft = find_family(families, "llm_server_ttft_seconds");
    return ttft != nullptr && summary(families, "llm_server_ttft_seconds").count > 0;
  }));
  const Families families = probing.families();
  CHECK(value(families, "llm_server_up") == 1);
  CHECK(value(families, "llm_server_generation_tokens_total") > 0);
}

TEST_CASE("prober: a server that shows no metrics is down and its probes go on") {
  Probing probing;
  const fakes::ReservedPort closed;
  probing.provider().server_metrics =
      config::ServerMetrics{.kind = config::ServerKind::vllm,
                            .url = fmt::format("http://127.0.0.1:{}/metrics", closed.number()),
                            .interval = 100ms};
  probing.apply();
  REQUIRE(eventually([&] {
    const Families families = probing.families();
    return find_family(families, "llm_server_up") != nullptr &&
           value(families, "llm_server_up") == 0;
  }));
  REQUIRE(eventually([&] { return probing.count("attempts_total") >= 2; }));
  CHECK(value(probing.families(), "llm_probe_success") == 1);
}

TEST_CASE("prober: a token is fetched once for many attempts and before they need it") {
  ::setenv("INFEROMETER_TEST_SECRET", "sim-secret", 1);
  sim::Options options;
  options.key = base::Secret("sim-secret");
  Probing probing(options);
  probing.provider().auth = config::OAuth2Auth{
      .token_url = fmt::format("http://127.0.0.1:{}/token", probing.server().port()),
      .client_id = "sim-client",
      .client_secret = {.kind = config::SecretRef::Kind::environment,
                        .name = "INFEROMETER_TEST_SECRET"},
      .scope = ""};
  probing.apply();
  const bool enough = eventually([&] { return probing.count("attempts_total") >= 5; });
  ::unsetenv("INFEROMETER_TEST_SECRET");
  REQUIRE(enough);
  CHECK(value(probing.families(), "llm_probe_success") == 1);
  CHECK(probing.count("failures_total", "auth_error") == 0);
}

TEST_CASE("prober: what waits for a token ends with the shutdown") {
  ::setenv("INFEROMETER_TEST_SECRET", "sim-secret", 1);
  const fakes::ScriptedServer silent({fakes::script::AwaitClose{}});
  Probing probing;
  probing.provider().auth =
      config::OAuth2Auth{.token_url = fmt::format("http://127.0.0.1:{}/token", silent.port()),
                         .client_id = "sim-client",
                         .client_secret = {.kind = config::SecretRef::Kind::environment,
                                           .name = "INFEROMETER_TEST_SECRET"},
                         .scope = ""};
  probing.apply();
  REQUIRE(eventually([&] { return silent.accepted() >= 1; }));
  ::unsetenv("INFEROMETER_TEST_SECRET");
  probing.prober().stop();
  CHECK(probing.count("attempts_total") == 0);
}

}  // namespace inferometer::daemon
