#include "e2e/system.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

namespace inferometer::e2e {
namespace {

/// Ten models at each of four providers: one that answers in 60 ms, one that fails, one without
/// usage, and one that answers in 5 ms.
std::string configuration(const Simulator& simulator, std::string_view ttft_threshold,
                          std::string_view interval) {
  std::string models;
  for (int i = 0; i < 10; ++i) {
    models += fmt::format("{}m{}", i == 0 ? "" : ", ", i);
  }
  const auto provider = [&](std::string_view name, std::string_view header,
                            std::string_view value) {
    return fmt::format(
        "  - {{name: {}, protocol: openai-chat, base_url: \"{}\", models: [{}], headers: {{{}: "
        "\"{}\"}}}}\n",
        name, simulator.url(), models, header, value);
  };
  return "defaults: {timeouts: {connect: 5s, first_token: 5s, stall: 5s, total: 10s}}\n"
         "providers:\n" +
         provider("slow", "X-Sim-Ttft", "60ms") + provider("failing", "X-Sim-Fault", "status_500") +
         provider("silent", "X-Sim-Usage", "none") + provider("fast", "X-Sim-Ttft", "5ms") +
         fmt::format(
             "workloads: [{{name: w, input_tokens: 16, output_tokens: 4}}]\n"
             "probes: [{{providers: [slow, failing, silent, fast], workloads: [w], interval: {}, "
             "max_in_flight: 8}}]\n"
             "slos:\n"
             "  - {{name: up, objective: 99, sli: {{availability: true}}}}\n"
             "  - {{name: ttft, objective: 99, sli: {{ttft_below: {}}}}}\n"
             "  - {{name: goodput, objective: 99, sli: {{ttft_below: 10s, "
             "time_per_output_token_below: 10s}}}}\n",
             interval, ttft_threshold);
}

/// The sum of the samples of a family that have all of `labels` in them.
double sum_of(const std::string& metrics, std::string_view family,
              const std::vector<std::string>& labels) {
  double sum = 0;
  std::size_t line = 0;
  while (line < metrics.size()) {
    const std::size_t end = std::min(metrics.find('\n', line), metrics.size());
    const std::string_view text = std::string_view(metrics).substr(line, end - line);
    line = end + 1;
    const bool is_asked_for =
        text.starts_with(family) && text.substr(family.size()).starts_with('{') &&
        std::all_of(labels.begin(), labels.end(), [&](const std::string& label) {
          return text.find(label) != std::string_view::npos;
        });
    if (is_asked_for) {
      sum += std::stod(std::string(text.substr(text.rfind(' ') + 1)));
    }
  }
  return sum;
}

struct Counts {
  double events;
  double bad;
  double not_judged;
};

Counts counts_of(const std::string& metrics, std::string_view slo, std::string_view provider) {
  const std::vector<std::string> labels{fmt::format("slo=\"{}\"", slo),
                                        fmt::format("provider=\"{}\"", provider)};
  return {.events = sum_of(metrics, "llm_probe_slo_events_total", labels),
          .bad = sum_of(metrics, "llm_probe_slo_bad_events_total", labels),
          .not_judged = sum_of(metrics, "llm_probe_slo_not_judged_total", labels)};
}

bool is_at_rest(const std::string& metrics) {
  return sum_of(metrics, "llm_probe_in_flight", {}) == 0;
}

}  // namespace

TEST_CASE("each of thousands of attempts is one event of each SLO, also across reloads") {
  constexpr double k_attempts = 4000;
  const TemporaryFolder folder;
  const Simulator simulator;
  Daemon daemon(folder, configuration(simulator, "40ms", "250ms"));
  const auto attempts = [&] { return sum_of(daemon.metrics(), "llm_probe_attempts_total", {}); };
  REQUIRE(eventually([&] { return attempts() >= k_attempts / 2; }));
  const Counts before = counts_of(daemon.metrics(), "ttft", "slow");
  CHECK(before.events > 0);
  CHECK(before.bad >= before.events - 1);  // read one after the other
  folder.write("inferometer.yml", configuration(simulator, "5s", "250ms"));
  CHECK(http("POST", daemon.port(), "/-/reload").status == 200);
  REQUIRE(eventually([&] { return attempts() >= k_attempts; }));
  folder.write("inferometer.yml", configuration(simulator, "5s", "1h"));
  CHECK(http("POST", daemon.port(), "/-/reload").status == 200);
  REQUIRE(eventually([&] { return is_at_rest(daemon.metrics()); }));

  const std::string metrics = daemon.metrics();
  for (const std::string provider : {"slow", "failing", "silent", "fast"}) {
    CAPTURE(provider);
    const double all = sum_of(metrics, "llm_probe_attempts_total", {"provider=\"" + provider});
    CHECK(all > k_attempts / 8);
    for (const std::string slo : {"up", "ttft", "goodput"}) {
      CAPTURE(slo);
      const Counts counts = counts_of(metrics, slo, provider);
      CHECK(counts.events + counts.not_judged == all);
      CHECK(counts.bad <= counts.events);
    }
  }
  const Counts slow = counts_of(metrics, "ttft", "slow");
  CHECK(slow.bad >= before.bad);
  CHECK(slow.bad < slow.events);
  CHECK(counts_of(metrics, "up", "failing").bad == counts_of(metrics, "up", "failing").events);
  CHECK(counts_of(metrics, "ttft", "failing").bad == counts_of(metrics, "ttft", "failing").events);
  CHECK(counts_of(metrics, "up", "fast").bad == 0);
  CHECK(counts_of(metrics, "goodput", "silent").events == 0);
  CHECK(counts_of(metrics, "ttft", "silent").events > 0);
}

}  // namespace inferometer::e2e
