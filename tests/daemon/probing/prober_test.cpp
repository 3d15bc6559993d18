#include "daemon/probing/prober.hpp"

#include "daemon/probing/probing.hpp"
#include "fakes/eventually.hpp"
#include "fakes/process.hpp"
#include "fakes/scripted_server.hpp"
#include "fakes/temporary_folder.hpp"
#include "metrics/families.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

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

}  // namespace

TEST_CASE("prober: a refusal with a Retry-After holds that model and no other") {
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

TEST_CASE("prober: a refusal without a Retry-After holds nothing") {
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
  probing.use_token_of(silent.port());
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
  probing.use_token_of(silent.port());
  probing.apply();
  REQUIRE(eventually([&] { return silent.accepted() >= 1; }));
  ::unsetenv("INFEROMETER_TEST_SECRET");
  probing.prober().stop();
  CHECK(probing.count("attempts_total") == 0);
}

}  // namespace inferometer::daemon
