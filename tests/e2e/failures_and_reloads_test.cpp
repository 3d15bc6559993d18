#include "e2e/system.hpp"
#include "fakes/count_of.hpp"
#include "fakes/raw_http_client.hpp"
#include "fakes/scripted_server.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <signal.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

// What a daemon does when providers fail, files change and operators intervene, seen from outside.

namespace inferometer::e2e {
namespace {

using namespace fakes::script;
using fakes::Script;
using fakes::ScriptedServer;
using namespace std::chrono_literals;

/// A refusal that names a day until the next try.
const std::string k_refusal =
    "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 86400\r\nContent-Length: 0\r\n\r\n";
const std::string k_error = "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n";

std::string configuration(std::uint16_t port, std::string_view models, std::string_view provider,
                          std::string_view interval = "200ms") {
  return fmt::format(
      "providers: [{{name: p, protocol: openai-chat, base_url: \"http://127.0.0.1:{}/v1\", "
      "models: [{}], {}}}]\n"
      "workloads: [{{name: w, input_tokens: 64, output_tokens: 4}}]\n"
      "probes: [{{providers: [p], workloads: [w], interval: {}}}]\n",
      port, models, provider, interval);
}

std::string series(std::string_view name, std::string_view model, std::string_view more = "") {
  return fmt::format(R"({}{{provider="p",model="{}",workload="w"{}}})", name, model, more);
}

double attempts(const Daemon& daemon, std::string_view model) {
  return daemon.sample(series("llm_probe_attempts_total", model)).value_or(0);
}

double unix_now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace

TEST_CASE("a refusal of one model for a day holds it for five minutes and no other model") {
  const TemporaryFolder folder;
  const ScriptedServer server(
      {Script{ReadRequest{}, Send{k_refusal}}, Script{ReadRequest{}, Send{k_error}}});
  const std::string text = configuration(server.port(), "a, b", "headers: {X-A: b}");
  Daemon daemon(folder, text);
  REQUIRE(eventually([&] { return attempts(daemon, "a") + attempts(daemon, "b") >= 6; }));
  const bool first = attempts(daemon, "a") == 1;
  const std::string held = first ? "a" : "b";
  const std::string other = first ? "b" : "a";
  CHECK(attempts(daemon, held) == 1);
  CHECK(attempts(daemon, other) >= 5);
  const std::string until =
      fmt::format(R"(llm_probe_held_until_timestamp_seconds{{provider="p",model="{}"}})", held);
  REQUIRE(daemon.sample(until));
  CHECK(*daemon.sample(until) > unix_now() + 240);
  CHECK(*daemon.sample(until) < unix_now() + 301);
  CHECK(daemon.sample(series("llm_probe_skipped_total", held, R"(,reason="held")")) >= 1);

  // The same configuration again changes nothing; one that differs ends the hold.
  CHECK(http("POST", daemon.port(), "/-/reload").status == 200);
  CHECK(daemon.sample(until));
  folder.write("inferometer.yml", configuration(server.port(), "a, b", "headers: {X-A: c}"));
  CHECK(http("POST", daemon.port(), "/-/reload").status == 200);
  CHECK_FALSE(daemon.sample(until));
  CHECK(eventually([&] { return attempts(daemon, held) >= 3; }));
}

TEST_CASE("reloads give a provider no more requests than its rate limit allows") {
  const TemporaryFolder folder;
  const ScriptedServer server({ReadRequest{}, Send{k_error}});
  Daemon daemon(folder, configuration(server.port(), "m", "rate_limit: {requests_per_minute: 3}"));
  const std::string limited = series("llm_probe_skipped_total", "m", R"(,reason="rate_limited")");
  for (int i = 0; i < 4; ++i) {
    const double before = daemon.sample(limited).value_or(0);
    REQUIRE(eventually([&] { return daemon.sample(limited).value_or(0) >= before + 2; }));
    CHECK(http("POST", daemon.port(), "/-/reload").status == 200);
  }
  CHECK(attempts(daemon, "m") == 3);
  CHECK(server.requests().size() == 3);
  CHECK(http("GET", daemon.port(), "/probe?provider=p&model=m&workload=w").status != 200);
  CHECK(server.requests().size() == 3);
}

TEST_CASE("a key that is lost while the daemon runs is a probe that fails") {
  const TemporaryFolder folder;
  const Simulator simulator;
  const std::string key = folder.write("key", "sim-secret");
  Daemon daemon(folder, configuration(simulator.port(), "m",
                                      fmt::format("auth: {{bearer_file: \"{}\"}}", key)));
  REQUIRE(eventually([&] { return daemon.sample(series("llm_probe_success", "m")) == 1; }));
  std::filesystem::remove(key);
  CHECK(eventually([&] { return daemon.sample(series("llm_probe_success", "m")) == 0; }));
  CHECK(daemon.sample(series("llm_probe_failures_total", "m", R"(,reason="internal_error")")) >= 1);
  CHECK(daemon.process().output().find("level=warn") != std::string::npos);
  folder.write("key", "sim-secret");
  CHECK(eventually([&] { return daemon.sample(series("llm_probe_success", "m")) == 1; }));
}

TEST_CASE("a target that is asked once a day is asked soon after the start and once") {
  const TemporaryFolder folder;
  const Simulator simulator;
  Daemon daemon(folder, configuration(simulator.port(), "m", "headers: {X-A: b}", "24h"));
  REQUIRE(eventually([&] { return attempts(daemon, "m") == 1; }, 40s));
  CHECK(http("POST", daemon.port(), "/-/reload").status == 200);
  CHECK(attempts(daemon, "m") == 1);
}

TEST_CASE("a configuration whose symbolic link is swapped is loaded where that is asked for") {
  const TemporaryFolder folder;
  const Simulator simulator;
  const auto mount = [&](const std::string& version, const std::string& model) {
    std::filesystem::create_directory(folder.path(version));
    folder.write(version + "/inferometer.yml",
                 configuration(simulator.port(), model, "headers: {X-A: b}"));
    std::filesystem::create_directory_symlink(version, folder.path("..data_tmp"));
    std::filesystem::rename(folder.path("..data_tmp"), folder.path("..data"));
  };
  mount("..1", "one");
  Daemon daemon(folder, configuration(simulator.port(), "one", "headers: {X-A: b}"),
                {"--config.auto-reload-interval", "100ms"});
  REQUIRE(eventually([&] { return attempts(daemon, "one") >= 1; }));
  std::filesystem::create_symlink("..data/inferometer.yml", folder.path("link"));
  std::filesystem::rename(folder.path("link"), folder.path("inferometer.yml"));
  mount("..2", "two");
  std::filesystem::remove_all(folder.path("..1"));
  CHECK(eventually([&] { return attempts(daemon, "two") >= 1; }));
  CHECK_FALSE(daemon.sample(series("llm_probe_attempts_total", "one")));

  folder.write("..2/inferometer.yml", "providers: nonsense\n");
  CHECK(
      eventually([&] { return daemon.sample("inferometer_config_last_reload_successful") == 0; }));
  CHECK(attempts(daemon, "two") >= 1);
}

TEST_CASE("an attempt on demand shows gauges of its own and keeps to the scrape's timeout") {
  const TemporaryFolder folder;
  const Simulator simulator;
  Daemon daemon(folder, configuration(simulator.port(), "m", "headers: {X-A: b}", "24h"));
  REQUIRE(eventually([&] { return attempts(daemon, "m") == 1; }, 40s));
  const std::string path = "/probe?provider=p&model=m&workload=w";
  const HttpReply good = http("GET", daemon.port(), path);
  CHECK(good.status == 200);
  CHECK(good.body.find("probe_success 1") != std::string::npos);
  CHECK(good.body.find("probe_llm_ttft_seconds ") != std::string::npos);
  CHECK(good.body.find("probe_llm_outcome_info{outcome=\"success\"} 1") != std::string::npos);
  CHECK(good.body.find("\nllm_") == std::string::npos);
  CHECK(daemon.sample(series("llm_probe_on_demand_total", "m")) == 1);
  CHECK(attempts(daemon, "m") == 1);
  CHECK(daemon.sample(series("llm_probe_tokens_total", "m", ",kind=\"output\"")) == 8);

  folder.write(
      "inferometer.yml",
      configuration(simulator.port(), "m", "headers: {X-Sim-Fault: hang_before_headers}", "24h"));
  CHECK(http("POST", daemon.port(), "/-/reload").status == 200);
  const auto begin = std::chrono::steady_clock::now();
  const HttpReply late =
      http("GET", daemon.port(), path, "X-Prometheus-Scrape-Timeout-Seconds: 1\r\n");
  CHECK(std::chrono::steady_clock::now() - begin < k_slowness * 1s);
  CHECK(late.status == 200);
  CHECK(late.body.find("probe_success 0") != std::string::npos);
  CHECK(late.body.find("outcome=\"total_timeout\"} 1") != std::string::npos);
}

TEST_CASE("a client that leaves ends the attempt that it asked for") {
  const TemporaryFolder folder;
  ScriptedServer server({ReadRequest{}, AwaitClose{}});
  Daemon daemon(folder, configuration(server.port(), "m", "headers: {X-A: b}", "24h"));
  REQUIRE(server.wait_for_requests(1));  // the first one of the schedule
  {
    fakes::RawHttpClient client(daemon.port());
    client.send("GET /probe?provider=p&model=m&workload=w HTTP/1.1\r\nHost: localhost\r\n\r\n");
    REQUIRE(server.wait_for_requests(2));
  }
  CHECK(server.wait_for_closed(1));
  CHECK(daemon.sample(series("llm_probe_on_demand_total", "m")) == 0);
}

TEST_CASE("the drain waits for an attempt that waits for its token") {
  const TemporaryFolder folder;
  const Simulator simulator;
  ::setenv("INFEROMETER_E2E_SECRET", "sim-secret", 1);
  const std::string body = R"({"access_token":"t","token_type":"Bearer","expires_in":3600})";
  ScriptedServer tokens({ReadRequest{}, Await{"token"},
                         Send{fmt::format("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                                          "Content-Length: {}\r\n\r\n{}",
                                          body.size(), body)}});
  Daemon daemon(
      folder,
      configuration(simulator.port(), "m",
                    fmt::format("auth: {{oauth2: {{token_url: \"http://127.0.0.1:{}/token\", "
                                "client_id: c, client_secret_env: "
                                "INFEROMETER_E2E_SECRET}}}}",
                                tokens.port())),
      {"--log.level", "debug"});
  ::unsetenv("INFEROMETER_E2E_SECRET");
  REQUIRE(eventually([&] { return daemon.sample(series("llm_probe_in_flight", "m")) == 1; }));
  daemon.process().terminate();
  REQUIRE(eventually([&] { return http("GET", daemon.port(), "/-/ready").status == 503; }));
  CHECK_FALSE(daemon.process().wait_for_exit(300ms));
  tokens.signal("token");
  CHECK(daemon.process().wait_for_exit(20s) == 0);
  CHECK(fakes::count_of(daemon.process().output(), "msg=\"probe succeeded\"") == 1);
}

TEST_CASE("a provider's labels stand on its series and a reload changes them") {
  const TemporaryFolder folder;
  const Simulator simulator;
  Daemon daemon(folder,
                configuration(simulator.port(), "m", "labels: {team: search, region: \"e\\\"u\"}"));
  const std::string before =
      series("llm_probe_attempts_total", "m", R"(,region="e\"u",team="search")");
  CHECK(eventually([&] { return daemon.sample(before).value_or(0) >= 2; }));
  folder.write("inferometer.yml", configuration(simulator.port(), "m", "labels: {region: us}"));
  CHECK(http("POST", daemon.port(), "/-/reload").status == 200);
  CHECK(daemon.sample(series("llm_probe_attempts_total", "m", R"(,region="us")")) >= 2);
  CHECK_FALSE(daemon.sample(before));
}

TEST_CASE("a second signal ends the process while a slow client keeps the web server") {
  const TemporaryFolder folder;
  const Simulator simulator;
  std::string models = "m0";
  for (int i = 1; i < 300; ++i) {
    models += fmt::format(", m{}", i);
  }
  Daemon daemon(folder, configuration(simulator.port(), models, "headers: {X-A: b}", "1h"));
  fakes::RawHttpClient slow(daemon.port());  // asks for more than the kernels' buffers hold
  for (int i = 0; i < 40; ++i) {
    slow.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }
  daemon.process().terminate();
  REQUIRE(
      eventually([&] { return daemon.process().output().find("draining") != std::string::npos; }));
  std::optional<int> status = daemon.process().wait_for_exit(1s);
  if (!status) {
    daemon.process().terminate();
    status = daemon.process().wait_for_exit(2s);
    CHECK(status == 128 + SIGTERM);
  } else {
    MESSAGE("the slow client did not keep the server");
  }
}

}  // namespace inferometer::e2e
