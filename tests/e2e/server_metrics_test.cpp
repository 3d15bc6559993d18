#include "base/thread/mutex.hpp"
#include "e2e/system.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <httplib.h>

#include <array>
#include <cstddef>
#include <cstdlib>
#include <string>
#include <thread>

/// What a server counts reaches Prometheus exactly, whatever the intervals on the way.
namespace inferometer::e2e {
namespace {

/// A server of two engines, with the names of vLLM's, that shows its metrics to clients that have
/// the token, and only at the URL with the slash.
class MetricsServer {
 public:
  MetricsServer() {
    m_server.Get("/metrics/", [this](const httplib::Request& request, httplib::Response& response) {
      if (request.get_header_value("Authorization") != "Bearer metrics-token-Wd31" ||
          request.get_param_value("format") != "prometheus") {
        response.status = 401;
        return;
      }
      response.set_content(page(), "text/plain; version=0.0.4");
    });
    m_port = m_server.bind_to_any_port("127.0.0.1");
    m_thread = std::thread([this] { m_server.listen_after_bind(); });
  }
  MetricsServer(const MetricsServer&) = delete;
  MetricsServer& operator=(const MetricsServer&) = delete;
  ~MetricsServer() {
    while (!m_server.is_running()) {  // before that, stop() does nothing
      std::this_thread::yield();
    }
    m_server.stop();
    m_thread.join();
  }

  [[nodiscard]] int port() const { return m_port; }

  /// Lets an engine have so many requests more, with so long a time to first token each.
  void serve(std::size_t engine, int requests, double ttft) EXCLUDES(m_mutex) {
    const base::LockGuard lock(m_mutex);
    m_engines.at(engine).count += requests;
    m_engines.at(engine).sum += requests * ttft;
  }

  void restart(std::size_t engine) EXCLUDES(m_mutex) {
    const base::LockGuard lock(m_mutex);
    m_engines.at(engine) = {};
  }

 private:
  struct Engine {
    int count = 0;
    double sum = 0;
  };

  std::string page() EXCLUDES(m_mutex) {
    const base::LockGuard lock(m_mutex);
    std::string text;
    for (std::size_t i = 0; i < m_engines.size(); ++i) {
      text += fmt::format(
          "vllm:time_to_first_token_seconds_sum{{engine=\"{0}\"}} {1}\n"
          "vllm:time_to_first_token_seconds_count{{engine=\"{0}\"}} {2}\n",
          i, m_engines.at(i).sum, m_engines.at(i).count);
    }
    return text;
  }

  base::Mutex m_mutex;
  std::array<Engine, 2> m_engines GUARDED_BY(m_mutex);
  httplib::Server m_server;
  int m_port = 0;
  std::thread m_thread;
};

std::string configuration(const Simulator& simulator, const MetricsServer& server) {
  return fmt::format(
      "providers:\n"
      "  - name: p\n"
      "    protocol: openai-chat\n"
      "    base_url: \"{}\"\n"
      "    server_metrics:\n"
      "      kind: vllm\n"
      "      url: \"http://127.0.0.1:{}/metrics/?format=prometheus\"\n"
      "      interval: 2s\n"
      "      auth: {{bearer_env: TEST_METRICS_TOKEN}}\n"
      "    models: [m]\n"
      "workloads: [{{name: w, input_tokens: 8, output_tokens: 8}}]\n"
      "probes: [{{providers: [p], workloads: [w], interval: 1h}}]\n",
      simulator.url(), server.port());
}

constexpr const char* k_count = "llm_server_ttft_seconds_count";
constexpr const char* k_mean =
    "rate(llm_server_ttft_seconds_sum[5m]) / rate(llm_server_ttft_seconds_count[5m])";

}  // namespace

TEST_CASE("a mean in Prometheus is that of the requests that the server counted") {
  ::setenv("TEST_METRICS_TOKEN", "metrics-token-Wd31", 1);
  const TemporaryFolder folder;
  const Simulator simulator;
  MetricsServer server;
  server.serve(0, 400, 0.25);
  server.serve(1, 100, 0.5);
  Daemon daemon(folder, configuration(simulator, server));
  const Prometheus text(folder, daemon.port());
  const Prometheus protobuf(folder, daemon.port(), "native-histograms");
  const auto both_count = [&](double count) {
    return eventually(
        [&] { return text.value(k_count) == count && protobuf.value(k_count) == count; });
  };
  REQUIRE(both_count(500));
  server.serve(0, 3, 2);
  REQUIRE(both_count(503));
  for (const Prometheus* prometheus : {&text, &protobuf}) {
    CHECK(prometheus->value(k_mean).value_or(0) == doctest::Approx(2).epsilon(1e-9));
    CHECK(prometheus->value("llm_server_ttft_seconds_sum") == 156);
    const auto metadata = prometheus->get("/api/v1/metadata?metric=llm_server_ttft_seconds");
    CHECK(metadata.at("llm_server_ttft_seconds").at(0).at("type") == "summary");
  }

  // One engine begins anew: 403 requests are not to be counted, nor missed, a second time.
  server.restart(0);
  server.serve(0, 1, 5);
  REQUIRE(both_count(504));
  for (const Prometheus* prometheus : {&text, &protobuf}) {
    CHECK(prometheus->value(k_mean).value_or(0) == doctest::Approx(11.0 / 4).epsilon(1e-9));
  }
  for (const char* path : {"/", "/config", "/metrics"}) {
    CHECK(http("GET", daemon.port(), path).body.find("metrics-token") == std::string::npos);
  }
  CHECK(http("GET", daemon.port(), "/config").body.find("TEST_METRICS_TOKEN") != std::string::npos);
  CHECK(daemon.process().output().find("metrics-token") == std::string::npos);
}

}  // namespace inferometer::e2e
