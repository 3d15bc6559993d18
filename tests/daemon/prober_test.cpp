#include "daemon/prober.hpp"

#include "base/log.hpp"
#include "fakes/eventually.hpp"
#include "fakes/process.hpp"
#include "fakes/scripted_server.hpp"
#include "fakes/temporary_folder.hpp"
#include "metrics/families.hpp"
#include "sim/server.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <future>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace inferometer::daemon {
namespace {

using fakes::eventually;
using metrics::Families;
using metrics::find_family;
using metrics::value;
using namespace std::chrono_literals;

const std::string k_refusal =
    "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 60\r\nContent-Length: 0\r\n\r\n";
const std::string k_error = "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n";

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

  [[nodiscard]] Families families() const { return m_prober.collect(); }
  [[nodiscard]] double count(const std::string& name, const std::string& label = "") const {
    return value(families(), "llm_probe_" + name, label);
  }
  /// The same of all targets together.
  [[nodiscard]] double total(const std::string& name, const std::string& label = "") const {
    const Families all = families();
    double sum = 0;
    if (const auto* const family = find_family(all, "llm_probe_" + name)) {
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

}  // namespace

TEST_CASE("prober: a refusal with a wish to be left alone holds that model and no other") {
  const fakes::ScriptedServer server(
      {fakes::Script{fakes::script::ReadRequest{}, fakes::script::Send{k_refusal}},
       fakes::Script{fakes::script::ReadRequest{}, fakes::script::Send{k_error}}});
  Probing probing;
  probing.provider().base_url = fmt::format("http://127.0.0.1:{}/v1", server.port());
  config::Target other = probing.target();
  other.model.name = "other";
  probing.add(other);
  probing.apply();
  REQUIRE(eventually([&] { return probing.total("skipped_total", "held") >= 5; }));
  REQUIRE(eventually([&] { return probing.total("attempts_total") >= 5; }));
  CHECK(probing.total("failures_total", "rate_limited") == 1);
  CHECK(probing.total("failures_total", "server_error") >= 4);
}

TEST_CASE("prober: a hold outlives a reload of the same configuration") {
  Probing probing;
  probing.provider().headers["X-Sim-Fault"] = "rate_limit_seconds";
  probing.apply();
  REQUIRE(eventually([&] { return probing.count("failures_total", "rate_limited") == 1; }));
  probing.apply();
  REQUIRE(eventually([&] { return probing.count("skipped_total", "held") >= 5; }));
  CHECK(probing.count("attempts_total") == 1);
}

TEST_CASE("prober: a changed configuration ends a hold") {
  Probing probing;
  probing.provider().headers["X-Sim-Fault"] = "rate_limit_seconds";
  probing.provider().rate_limit.max_hold = 24h;
  probing.apply();
  REQUIRE(eventually([&] { return probing.count("failures_total", "rate_limited") == 1; }));
  CHECK(find_family(probing.families(), "llm_probe_held_until_timestamp_seconds") != nullptr);
  probing.provider().headers.erase("X-Sim-Fault");
  probing.apply();
  CHECK(find_family(probing.families(), "llm_probe_held_until_timestamp_seconds") == nullptr);
  const double skipped = probing.count("skipped_total", "held");
  REQUIRE(eventually([&] { return probing.count("attempts_total") >= 3; }));
  CHECK(probing.count("skipped_total", "held") == skipped);
}

TEST_CASE("prober: no hold is longer than the configuration lets it be") {
  Probing probing;
  probing.provider().headers["X-Sim-Fault"] = "rate_limit_seconds";  // two seconds
  probing.provider().rate_limit.max_hold = 100ms;
  probing.apply();
  REQUIRE(eventually([&] { return probing.count("attempts_total") >= 3; }));
  const double until = value(probing.families(), "llm_probe_held_until_timestamp_seconds");
  CHECK(until < base::unix_seconds(base::system_clock().wall_now()) + 0.2);
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
  probing.provider().rate_limit.requests_per_minute = 2;
  probing.apply();
  REQUIRE(eventually([&] { return probing.count("skipped_total", "rate_limited") >= 3; }));
  CHECK(probing.count("attempts_total") == 2);
}

TEST_CASE("prober: reloads do not begin a new minute of the rate limit") {
  Probing probing;
  probing.provider().rate_limit.requests_per_minute = 2;
  probing.apply();
  REQUIRE(eventually([&] { return probing.count("skipped_total", "rate_limited") >= 1; }));
  probing.apply();
  probing.provider().headers["X-Changed"] = "yes";
  probing.apply();
  const double skipped = probing.count("skipped_total", "rate_limited");
  REQUIRE(
      eventually([&] { return probing.count("skipped_total", "rate_limited") >= skipped + 3; }));
  CHECK(probing.count("attempts_total") == 2);
}

TEST_CASE("prober: an attempt that was open over a reload holds the model") {
  fakes::ScriptedServer server({fakes::script::ReadRequest{}, fakes::script::Await{"answer"},
                                fakes::script::Send{k_refusal}});
  Probing probing;
  probing.provider().base_url = fmt::format("http://127.0.0.1:{}/v1", server.port());
  probing.apply();
  REQUIRE(server.wait_for_requests(1));
  probing.apply();
  server.signal("answer");
  REQUIRE(eventually([&] { return probing.count("skipped_total", "held") >= 1; }));
  CHECK(probing.count("attempts_total") == 1);
}

TEST_CASE("prober: a key that cannot be read any more turns the success to 0") {
  fakes::TemporaryFolder folder;
  const std::string key = folder.write("key", "sim-secret");
  Probing probing;
  probing.provider().auth =
      config::BearerAuth{{.kind = config::SecretRef::Kind::file, .name = key}};
  probing.apply();
  REQUIRE(eventually([&] { return probing.count("attempts_total") >= 1; }));
  CHECK(probing.count("success") == 1);
  std::filesystem::remove(key);
  REQUIRE(eventually([&] { return probing.count("success") == 0; }));
  CHECK(probing.count("failures_total", "internal_error") >= 1);
  CHECK(probing.count("failures_total", "auth_error") == 0);
}

TEST_CASE("prober: what waits for a token is not drained") {
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
  REQUIRE(eventually([&] { return probing.count("in_flight") >= 1; }));
  ::unsetenv("INFEROMETER_TEST_SECRET");
  probing.prober().drain();
  CHECK_FALSE(probing.prober().drained());
  probing.prober().stop();
  CHECK(probing.prober().drained());
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
  const auto measured = probing.ask();
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
    probing.apply();
    std::uint64_t last = 0;
    for (int i = 0; i < 6; ++i) {
      const auto measured = probing.ask();
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

TEST_CASE("prober: an attempt on demand is in the tokens and in nothing that the schedule counts") {
  Probing probing;
  probing.target().interval = 1h;
  probing.apply();
  REQUIRE(eventually([&] { return probing.count("attempts_total") == 0; }));
  const auto measured = probing.ask();
  REQUIRE(measured);
  CHECK(measured->outcome == measure::Outcome::success);
  CHECK(probing.count("on_demand_total") == 1);
  CHECK(probing.count("attempts_total") == 0);
  CHECK(probing.count("in_flight") == 0);
  CHECK(probing.count("tokens_total", "output") == 4);
  CHECK(probing.prober().measurement(measured->id) != nullptr);
}

TEST_CASE("prober: attempts on demand and those of the schedule share one rate limit") {
  Probing probing;
  probing.target().interval = 1h;
  probing.provider().rate_limit.requests_per_minute = 1;
  probing.apply();
  REQUIRE(probing.ask());
  const auto second = probing.ask();
  REQUIRE_FALSE(second);
  CHECK(second.error().cause == NoMeasurement::Cause::too_many);
  CHECK(second.error().message.find("requests_per_minute") != std::string::npos);
}

TEST_CASE("prober: a refusal on demand holds the model for all") {
  Probing probing;
  probing.target().interval = 1h;
  probing.provider().headers["X-Sim-Fault"] = "rate_limit_seconds";
  probing.apply();
  const auto first = probing.ask();
  REQUIRE(first);
  CHECK(first->outcome == measure::Outcome::rate_limited);
  const auto second = probing.ask();
  REQUIRE_FALSE(second);
  CHECK(second.error().cause == NoMeasurement::Cause::too_many);
}

TEST_CASE("prober: an attempt on demand ends within the timeout that it is given") {
  Probing probing;
  probing.target().interval = 1h;
  probing.provider().headers["X-Sim-Fault"] = "hang_before_headers";
  probing.apply();
  const auto begin = std::chrono::steady_clock::now();
  const auto measured = probing.ask(200ms);
  REQUIRE(measured);
  CHECK(measured->outcome == measure::Outcome::total_timeout);
  CHECK(std::chrono::steady_clock::now() - begin < 5s);
}

TEST_CASE("prober: an attempt on demand that waits for a token ends within its timeout") {
  ::setenv("INFEROMETER_TEST_SECRET", "sim-secret", 1);
  const fakes::ScriptedServer silent({fakes::script::AwaitClose{}});
  Probing probing;
  probing.target().interval = 1h;
  probing.provider().auth =
      config::OAuth2Auth{.token_url = fmt::format("http://127.0.0.1:{}/token", silent.port()),
                         .client_id = "sim-client",
                         .client_secret = {.kind = config::SecretRef::Kind::environment,
                                           .name = "INFEROMETER_TEST_SECRET"},
                         .scope = ""};
  probing.apply();
  const auto begin = std::chrono::steady_clock::now();
  const auto measured = probing.ask(200ms);
  ::unsetenv("INFEROMETER_TEST_SECRET");
  REQUIRE_FALSE(measured);
  CHECK(measured.error().cause == NoMeasurement::Cause::unavailable);
  CHECK(std::chrono::steady_clock::now() - begin < 5s);
}

TEST_CASE("prober: an attempt on demand that nobody waits for any more is cut") {
  fakes::ScriptedServer server({fakes::script::ReadRequest{}, fakes::script::AwaitClose{}});
  Probing probing;
  probing.target().interval = 1h;
  probing.provider().base_url = fmt::format("http://127.0.0.1:{}/v1", server.port());
  probing.apply();
  std::stop_source client;
  auto asked = std::async(std::launch::async, [&] { return probing.ask({}, client.get_token()); });
  REQUIRE(server.wait_for_requests(1));
  client.request_stop();
  CHECK_FALSE(asked.get());
  CHECK(server.wait_for_closed(1));
  CHECK(eventually([&] { return probing.prober().drained(); }));
  CHECK(probing.count("on_demand_total") == 0);
}

}  // namespace inferometer::daemon
