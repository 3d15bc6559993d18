#include "base/log.hpp"
#include "config/load.hpp"
#include "daemon/daemon.hpp"
#include "exposition/format.hpp"
#include "fakes/count_of.hpp"
#include "fakes/eventually.hpp"
#include "fakes/raw_http_client.hpp"
#include "fakes/temporary_folder.hpp"
#include "sim/server.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace inferometer::daemon {
namespace {

using namespace std::chrono_literals;

constexpr int k_models = 100;

/// Words that nothing else on a page holds.
constexpr std::array<std::string_view, 2> k_providers{"zwei-provider", "drei-provider"};

/// A daemon that probes one target all the time, beside a hundred whose provider a reload changes.
class Churning {
 public:
  Churning() {
    base::log::configure(base::log::Level::error, base::log::Format::logfmt);
    write_configuration(k_providers.front());
    REQUIRE(m_reloader.reload());
    m_daemon =
        Daemon::start(m_reloader, {.listen = {"127.0.0.1:0"}, .shard = {}}, m_manager).value();
    const std::string& address = m_daemon->addresses().front();
    m_port = static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
  }

  /// Replaces the provider of the hundred targets.
  [[nodiscard]] bool reload_with(std::string_view provider) {
    write_configuration(provider);
    return m_daemon->reload().has_value();
  }

  /// At the target that is probed all the time.
  [[nodiscard]] double attempts() const { return attempts_in(m_daemon->summaries()); }

  /// Of the families that have all their series from the start: others depend on how many of the
  /// new targets have been asked by then.
  [[nodiscard]] std::string scrape(exposition::Format format) const {
    fakes::RawHttpClient client(m_port);
    client.send(
        fmt::format("GET /metrics?name[]=llm_probe_ttft_seconds&name[]=llm_probe_failures_total"
                    "&name[]=llm_probe_in_flight HTTP/1.1\r\nHost: localhost\r\nAccept: {}\r\n"
                    "Connection: close\r\n\r\n",
                    exposition::content_type(format)));
    return client.read_response().body;
  }

 private:
  static double attempts_in(const std::vector<measure::Summary>& summaries) {
    const auto steady = std::ranges::find(summaries, "steady", [](const measure::Summary& summary) {
      return summary.target.provider;
    });
    return steady != summaries.end() ? static_cast<double>(steady->attempts) : 0;
  }

  void write_configuration(std::string_view provider) {
    std::string models;
    for (int i = 0; i < k_models; ++i) {
      models += fmt::format("m{},", i);
    }
    m_folder.write(
        "inferometer.yml",
        fmt::format("providers:\n"
                    "  - {{name: steady, protocol: openai-chat, base_url: \"{0}\", models: [m], "
                    "headers: {{X-Sim-Ttft: 1ms, X-Sim-Itl: 1ms}}}}\n"
                    "  - {{name: {1}, protocol: openai-chat, base_url: \"{0}\", models: [{2}]}}\n"
                    "workloads: [{{name: w, input_tokens: 16, output_tokens: 4}}]\n"
                    "probes:\n"
                    "  - {{providers: [steady], workloads: [w], interval: 100ms}}\n"
                    "  - {{providers: [{1}], workloads: [w], interval: 30d}}\n",
                    fmt::format("http://127.0.0.1:{}/v1", m_simulator.port()), provider, models));
  }

  fakes::TemporaryFolder m_folder;
  sim::Server m_simulator = sim::Server::start({}).value();
  config::Reloader m_reloader{
      "inferometer.yml",
      [this] { return config::load_file(m_folder.path("inferometer.yml"), load_options()); }};
  ServiceManager m_manager;
  std::unique_ptr<Daemon> m_daemon;
  std::uint16_t m_port = 0;
};

/// Whether the page shows all targets of one of the two configurations and none of the other.
bool shows_one_configuration(const std::string& page) {
  const std::size_t first = fakes::count_of(page, k_providers[0]);
  const std::size_t second = fakes::count_of(page, k_providers[1]);
  return (first == 0) != (second == 0) && (first + second) % k_models == 0;
}

}  // namespace

TEST_CASE("churn: scrapes see whole configurations while probes run and reloads go on") {
  Churning churning;
  std::atomic<bool> stop{false};
  std::atomic<int> scrapes{0};
  std::atomic<int> broken{0};
  std::vector<std::thread> threads;
  threads.reserve(exposition::k_formats.size());
  for (const exposition::Format format : exposition::k_formats) {
    threads.emplace_back([&, format] {
      while (!stop) {
        broken += shows_one_configuration(churning.scrape(format)) ? 0 : 1;
        ++scrapes;
      }
    });
  }
  int reloads = 0;
  const bool enough = fakes::eventually(
      [&] {
        reloads += churning.reload_with(k_providers.at(static_cast<std::size_t>(reloads + 1) % 2));
        return reloads >= 30 && scrapes >= 30 && churning.attempts() >= 5;
      },
      60s, 1ms);
  stop = true;
  for (std::thread& thread : threads) {
    thread.join();
  }
  CHECK(enough);
  CHECK(broken == 0);
}

TEST_CASE("churn: series that come and go leave no memory behind") {
  Churning churning;
  const auto reload_often = [&churning](int times) {
    for (int i = 0; i < times; ++i) {
      REQUIRE(churning.reload_with(k_providers.at(static_cast<std::size_t>(i) % 2)));
      REQUIRE(shows_one_configuration(churning.scrape(exposition::Format::protobuf)));
    }
  };
  reload_often(10);
  const auto before = mallinfo2().uordblks;
  reload_often(50);
  const auto after = mallinfo2().uordblks;
  // A hundred targets take some 300 KiB without samples: fifty lost sets would show.
  MESSAGE("in use: ", before, " bytes, then ", after);
  CHECK(after < before + (std::size_t{2} << 20U));
}

}  // namespace inferometer::daemon
