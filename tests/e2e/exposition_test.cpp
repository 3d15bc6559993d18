#include "e2e/system.hpp"
#include "exposition/format.hpp"
#include "http/server.hpp"
#include "measure/make_measurement.hpp"
#include "metrics/recorder.hpp"
#include "web/healthy_callbacks.hpp"
#include "web/routes.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

namespace inferometer::e2e {
namespace {

using base::Duration;

constexpr std::string_view k_native_features = "native-histograms,exemplar-storage";

std::string configuration(const Simulator& simulator, std::string_view more = "") {
  return fmt::format(
      "providers: [{{name: p, protocol: openai-chat, base_url: \"{}\", models: [m], "
      "headers: {{X-Sim-Ttft: 20ms, X-Sim-Itl: 2ms}}}}]\n"
      "workloads: [{{name: w, input_tokens: 64, output_tokens: 8}}]\n"
      "probes: [{{providers: [p], workloads: [w], interval: 100ms, max_in_flight: 9}}]\n{}",
      simulator.url(), more);
}

/// Times to first token of 20,000 attempts, log-normal around 0.6 s, ascending.
std::vector<double> draw_samples() {
  std::mt19937_64 engine(1);
  std::lognormal_distribution<double> distribution(std::log(0.6), 0.5);
  std::vector<double> samples(20'000);
  for (double& sample : samples) {
    // Whole nanoseconds, as clocks have them.
    sample = base::seconds(Duration(std::llround(distribution(engine) * 1e9)));
  }
  std::ranges::sort(samples);
  return samples;
}

/// Serves the metrics of attempts with these times to first token.
class Served {
 public:
  explicit Served(const std::vector<double>& ttfts) {
    m_recorder.set_targets({{.key = measure::make_success().target, .thresholds = {}}});
    for (const double ttft : ttfts) {
      record(measure::make_success({Duration(std::llround(ttft * 1e9))}));
    }
    web::Callbacks callbacks = web::test::healthy_callbacks();
    callbacks.metrics = [this](exposition::Format format, const std::vector<std::string>& names) {
      return exposition::write(m_recorder.collect({.names = names}), format);
    };
    m_server =
        http::Server::start({"127.0.0.1:0"}, web::make_routes(std::move(callbacks)), web::lane_of)
            .value();
  }

  void record(const measure::Measurement& measurement) const {
    m_recorder.find(measurement.target)->record(measurement);
  }

  [[nodiscard]] std::uint16_t port() const { return m_server->ports().front(); }

 private:
  metrics::Recorder m_recorder;
  std::unique_ptr<http::Server> m_server;
};

/// The first query of docs/metrics.md behind the line that begins so, over a minute.
std::string documented_query(std::string_view line) {
  std::ifstream file(INFEROMETER_SOURCE_DIR "/docs/metrics.md");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::size_t place = text.find(line);
  REQUIRE(place != std::string::npos);
  const std::size_t begin = text.find("```\n", place) + 4;
  std::string query = text.substr(begin, text.find("```", begin) - begin);
  for (std::size_t at = query.find("[1h]"); at != std::string::npos; at = query.find("[1h]")) {
    query.replace(at, 4, "[1m]");
  }
  return query;
}

}  // namespace

TEST_CASE("the documented shares are right beside suspect attempts and our own errors") {
  const TemporaryFolder folder;
  const Served served({});
  const Prometheus prometheus(folder, served.port());
  // All that is asked for exists at 0, so that no first increase is lost.
  REQUIRE(eventually([&] { return prometheus.value("llm_probe_ttft_seconds_count") == 0; }));
  const auto add = [&served](int count, double ttft, measure::Outcome outcome, bool suspect) {
    measure::Measurement measurement = measure::make_success({Duration(std::llround(ttft * 1e9))});
    measurement.outcome = outcome;
    measurement.suspect = suspect;
    for (int i = 0; i < count; ++i) {
      served.record(measurement);
    }
  };
  add(60, 0.5, measure::Outcome::success, false);
  add(10, 2.0, measure::Outcome::success, false);
  add(10, 0.4, measure::Outcome::server_error, false);
  add(7, 0.5, measure::Outcome::success, true);
  add(3, 0.5, measure::Outcome::first_token_timeout, true);
  add(10, 0.5, measure::Outcome::internal_error, false);
  REQUIRE(eventually([&] { return prometheus.value("llm_probe_attempts_total") == 100; }));
  CHECK(prometheus.value(documented_query("The share of attempts that failed")).value_or(-1) ==
        doctest::Approx(10.0 / 80));
  CHECK(
      prometheus.value(documented_query("The share of attempts whose first token")).value_or(-1) ==
      doctest::Approx(60.0 / 80));
}

TEST_CASE("a probe that has failed since the first scrape is not empty to an alert") {
  const TemporaryFolder folder;
  const Simulator simulator;
  const Daemon daemon(folder,
                      fmt::format("providers: [{{name: p, protocol: openai-chat, base_url: \"{}\", "
                                  "models: [m], headers: {{X-Sim-Fault: status_500}}}}]\n"
                                  "workloads: [{{name: w, input_tokens: 64, output_tokens: 8}}]\n"
                                  "probes: [{{providers: [p], workloads: [w], interval: 200ms}}]\n",
                                  simulator.url()));
  const Prometheus prometheus(folder, daemon.port());
  const auto all_fail = [&] {
    return prometheus.value(documented_query("The share of attempts that failed")) == 1 &&
           prometheus.value(documented_query("The share of attempts whose first token")) == 0;
  };
  CHECK(eventually(all_fail));
}

TEST_CASE("native histograms give Prometheus the quantiles of the samples within one percent") {
  const TemporaryFolder folder;
  const std::vector<double> samples = draw_samples();
  const Served served(samples);
  const Prometheus native(folder, served.port(), k_native_features);
  const Prometheus classic(folder, served.port());
  const auto count = static_cast<double>(samples.size());
  REQUIRE(
      eventually([&] { return native.value("histogram_count(llm_probe_ttft_seconds)") == count; }));
  REQUIRE(eventually([&] { return classic.value("llm_probe_ttft_seconds_count") == count; }));
  CHECK(native.query("llm_probe_ttft_seconds_bucket").empty());

  for (const double q : {0.5, 0.9, 0.99}) {
    const double exact = samples[static_cast<std::size_t>(q * count)];
    const auto by_native =
        native.value(fmt::format("histogram_quantile({}, llm_probe_ttft_seconds)", q));
    const auto by_classic =
        classic.value(fmt::format("histogram_quantile({}, llm_probe_ttft_seconds_bucket)", q));
    REQUIRE(by_native);
    REQUIRE(by_classic);
    MESSAGE(fmt::format("p{:g}: exact {:.4f} s, native {:+.2f} %, classic {:+.2f} %", 100 * q,
                        exact, 100 * (*by_native / exact - 1), 100 * (*by_classic / exact - 1)));
    CHECK(std::abs(*by_native / exact - 1) < 0.01);
    CHECK(std::abs(*by_classic / exact - 1) < 0.4);
  }
}

TEST_CASE("an exemplar that Prometheus stored opens the measurement that it stands for") {
  const TemporaryFolder folder;
  const Simulator simulator;
  const Daemon daemon(folder, configuration(simulator));
  for (const std::string_view features :
       {k_native_features, std::string_view("exemplar-storage")}) {
    CAPTURE(features);
    const Prometheus prometheus(folder, daemon.port(), features);
    nlohmann::json exemplar;
    REQUIRE(eventually([&] {
      const auto found =
          prometheus.get("/api/v1/query_exemplars?start=0&end=9999999999&query=" +
                         percent_encoded(R"({__name__=~"llm_probe_ttft_seconds.*"})"));
      if (found.empty()) {
        return false;
      }
      exemplar = found.at(0).at("exemplars").at(0);
      return true;
    }));
    const std::string id = exemplar.at("labels").at("measurement_id");
    const HttpReply reply = http("GET", daemon.port(), "/api/v1/measurements/" + id);
    REQUIRE(reply.status == 200);
    const auto measurement = nlohmann::json::parse(reply.body);
    CHECK(measurement.at("id") == id);
    CHECK(measurement.at("ttft_seconds").get<double>() ==
          doctest::Approx(std::stod(exemplar.at("value").get<std::string>())));
  }
}

TEST_CASE(
    "a server that asks for native histograms gets classic ones where they are switched off") {
  const TemporaryFolder folder;
  const Simulator simulator;
  const Daemon daemon(folder, configuration(simulator, "histograms: {native: false}\n"));
  const Prometheus prometheus(folder, daemon.port(), k_native_features);
  REQUIRE(eventually([&] {
    return prometheus.value("llm_probe_ttft_seconds_bucket{le=\"1.0\"}").value_or(0) >= 5;
  }));
  CHECK(prometheus.query("histogram_count(llm_probe_ttft_seconds)").empty());
}

TEST_CASE("without classic buckets a scrape in text has count and sum, and native ones are whole") {
  const TemporaryFolder folder;
  const Simulator simulator;
  const Daemon daemon(folder, configuration(simulator, "histograms: {classic: false}\n"));
  const Prometheus text(folder, daemon.port());
  const Prometheus native(folder, daemon.port(), k_native_features);
  REQUIRE(eventually([&] { return text.value("llm_probe_ttft_seconds_count").value_or(0) >= 5; }));
  CHECK(text.query("llm_probe_ttft_seconds_bucket").size() == 1);
  REQUIRE(eventually(
      [&] { return native.value("histogram_count(llm_probe_ttft_seconds)").value_or(0) >= 5; }));
  const auto median = native.value("histogram_quantile(0.5, llm_probe_ttft_seconds)");
  REQUIRE(median);
  CHECK(*median > 0.01);
  CHECK(*median < 0.2);
}

TEST_CASE("one bucket is one series whichever format a server asks for") {
  const TemporaryFolder folder;
  const Simulator simulator;
  const Daemon daemon(folder, configuration(simulator, "histograms: {native: false}\n"));
  REQUIRE(eventually(
      [&] { return daemon.metrics().find("ttft_seconds_bucket") != std::string::npos; }));
  const Prometheus by_protobuf(folder, daemon.port(), k_native_features);
  const Prometheus by_openmetrics(folder, daemon.port());
  const auto edges = [](const Prometheus& prometheus) {
    return prometheus.query("llm_probe_ttft_seconds_bucket * 0");
  };
  REQUIRE(eventually([&] { return edges(by_protobuf).size() == 29; }));
  REQUIRE(eventually([&] { return edges(by_openmetrics).size() == 29; }));
  CHECK(edges(by_protobuf) == edges(by_openmetrics));
}

}  // namespace inferometer::e2e
