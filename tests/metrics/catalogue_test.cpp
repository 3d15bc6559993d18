#include "metrics/catalogue.hpp"

#include "config/yaml/values.hpp"
#include "exposition/format.hpp"
#include "exposition/sample.hpp"
#include "metrics/families.hpp"
#include "metrics/machine.hpp"
#include "metrics/on_demand.hpp"
#include "metrics/one_target.hpp"
#include "metrics/recorder.hpp"
#include "metrics/self.hpp"
#include "metrics/server_recorder.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

using namespace inferometer::metrics;
using inferometer::measure::Measurement;
using namespace std::chrono_literals;

namespace {

std::string type_name(MetricType type) {
  return std::string(inferometer::exposition::type_name(type));
}

/// The row of docs/metrics.md that the metric ought to have.
std::string documented(const Metric& metric) {
  std::string labels;
  for (const std::string_view label : metric.labels) {
    labels += (labels.empty() ? "`" : " `") + std::string(label) + "`";
  }
  return "| `" + std::string(metric.name) + "` | " + type_name(metric.type) + " | " + labels +
         (labels.empty() ? "| " : " | ") + std::string(metric.help) + " |";
}

/// What a server says that says everything.
Families full_server() {
  inferometer::config::Provider provider;
  provider.name = "p";
  provider.server_metrics.emplace();
  inferometer::scrape::Scrape scrape;
  scrape.provider = "p";
  scrape.figures = {.requests_running = 1,
                    .requests_waiting = 1,
                    .kv_cache_usage_ratio = 0.5,
                    .kv_cache_used_tokens = 1,
                    .kv_cache_capacity_tokens = 2,
                    .resident_memory_bytes = 1,
                    .prefix_cache_queries = 1,
                    .prefix_cache_hits = 1,
                    .prompt_tokens = 1,
                    .generation_tokens = 1,
                    .preemptions = 1,
                    .prefill_seconds = 1,
                    .decode_seconds = 1,
                    .prefix_cache_hit_ratio = 0.5,
                    .ttft = {{0.1, 1}},
                    .queue_time = {{0.1, 1}},
                    .prefill_time = {{0.1, 1}},
                    .decode_time = {{0.1, 1}},
                    .inference_time = {{0.1, 1}},
                    .inter_token_latency = {{0.1, 1}},
                    .time_per_output_token = {{0.1, 1}},
                    .duration = {{0.1, 1}}};
  ServerMetricsRecorder recorder;
  recorder.set_providers({provider});
  recorder.record(scrape);
  return recorder.collect();
}

/// A scrape in which every metric has a sample.
std::string full_scrape() {
  Measurement measurement = make_full();
  measurement.target.model = "a \"hostile\"\\\n{name}";
  Recorder recorder;
  recorder.set_targets({{.key = measurement.target,
                         .thresholds = {},
                         .allowance = make_held(),
                         .slos = make_slos()}});
  record(recorder, measurement);
  const Machine machine("0::/a\n", k_unified);
  machine.write_v2("sys/fs/cgroup/a", 200, 30, 1'500'000);
  SelfMetrics self(machine.path());
  self.set_config_reload(true, inferometer::base::WallTime(1'700'000'000s));
  self.set_config_hash(1);
  self.set_web_config(true, std::chrono::sys_seconds(1'800'000'000s));
  self.observe(measurement);
  self.observe_event_loop_lag(1ms);
  self.observe_error(1us);
  Families families = recorder.collect();
  for (const Families& more : {full_server(), self.collect()}) {
    families.insert(families.end(), more.begin(), more.end());
  }
  REQUIRE(families.size() == std::size(k_catalogue));
  return inferometer::exposition::write(families, inferometer::exposition::Format::text);
}

/// The names in `text` that begin as metrics of ours do. One that is cut short (`llm_server_*`)
/// ends in `_`.
std::vector<std::string> named_metrics(const std::string& text) {
  static const std::regex k_pattern("\\b(llm_probe|llm_server|inferometer|probe_llm)_[a-z0-9_]*");
  std::vector<std::string> names;
  for (auto at = std::sregex_iterator(text.begin(), text.end(), k_pattern);
       at != std::sregex_iterator(); ++at) {
    names.push_back(at->str());
  }
  return names;
}

/// Whether `name` is that of a metric, of a sample of a histogram or summary, or, if it ends in
/// `_`, how one begins.
bool is_metric(const std::string& name) {
  std::vector<Metric> all(std::begin(k_catalogue), std::end(k_catalogue));
  all.insert(all.end(), std::begin(k_on_demand_catalogue), std::end(k_on_demand_catalogue));
  return std::ranges::any_of(all, [&name](const Metric& metric) {
    if (name.ends_with('_')) {
      return metric.name.starts_with(name);
    }
    if (!name.starts_with(metric.name)) {
      return false;
    }
    const std::string_view suffix = std::string_view(name).substr(metric.name.size());
    const bool has_count =
        metric.type == MetricType::histogram || metric.type == MetricType::summary;
    return suffix.empty() || (has_count && (suffix == "_sum" || suffix == "_count")) ||
           (metric.type == MetricType::histogram && suffix == "_bucket");
  });
}

}  // namespace

TEST_CASE("names are unique and every metric has help") {
  std::set<std::string_view> names;
  std::vector<Metric> all(std::begin(k_catalogue), std::end(k_catalogue));
  all.insert(all.end(), std::begin(k_on_demand_catalogue), std::end(k_on_demand_catalogue));
  for (const Metric& metric : all) {
    CHECK(names.insert(metric.name).second);
    CHECK_FALSE(metric.help.empty());
    CHECK(metric.help.find_first_of("|\n`") == std::string_view::npos);
    CHECK((metric.type == MetricType::histogram) == !metric.edges.empty());
    CHECK((metric.type == MetricType::counter) == metric.name.ends_with("_total"));
  }
}

TEST_CASE("no label that a series has may be configured as one of a provider's own") {
  for (const Metric& metric : k_catalogue) {
    for (const std::string_view label : metric.labels) {
      if (metric.name.starts_with("llm_")) {
        CHECK_MESSAGE(!inferometer::config::is_label_name(label), label);
      }
    }
  }
}

TEST_CASE("edges ascend and print as the short decimals they were written as") {
  for (const Metric& metric : k_catalogue) {
    CHECK(std::ranges::adjacent_find(metric.edges, std::ranges::greater_equal()) ==
          metric.edges.end());
  }
  const std::string text = full_scrape();
  for (std::size_t at = text.find("le=\""); at != std::string::npos;
       at = text.find("le=\"", at + 1)) {
    const std::string edge = text.substr(at + 4, text.find('"', at + 4) - at - 4);
    CHECK_MESSAGE(edge.size() <= 7, edge);
    CHECK_MESSAGE((edge == "+Inf" || edge.find_first_not_of("0123456789.e-") == std::string::npos),
                  edge);
  }
}

TEST_CASE("the documentation lists every metric as it is and no other") {
  std::ifstream file(INFEROMETER_SOURCE_DIR "/docs/metrics.md");
  REQUIRE(file);
  std::vector<std::string> rows;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("| `llm_") || line.starts_with("| `inferometer_") ||
        line.starts_with("| `process_") || line.starts_with("| `probe_")) {
      rows.push_back(line);
    }
  }
  std::vector<std::string> expected;
  for (const Metric& metric : k_catalogue) {
    expected.push_back(documented(metric));
  }
  for (const Metric& metric : k_on_demand_catalogue) {
    expected.push_back(documented(metric));
  }
  REQUIRE(rows.size() == expected.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    CHECK(rows[i] == expected[i]);
  }
}

TEST_CASE("each metric that a document names exists") {
  std::size_t count = 0;
  for (const char* document :
       {"README.md", "ARCHITECTURE.md", "docs/configuration.md", "docs/methodology.md",
        "docs/metrics.md", "docs/operations.md", "docs/scraping.md", "docs/simulator.md"}) {
    std::ifstream file(std::string(INFEROMETER_SOURCE_DIR "/") + document);
    REQUIRE_MESSAGE(file, document);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    for (const std::string& name : named_metrics(text)) {
      CHECK_MESSAGE(is_metric(name), document << " names " << name);
      ++count;
    }
  }
  CHECK(count > 150);
  CHECK(is_metric("llm_probe_ttft_seconds_bucket"));
  CHECK(is_metric("llm_probe_ratelimit_"));
  CHECK_FALSE(is_metric("llm_probe_ttft"));
  CHECK_FALSE(is_metric("llm_probe_attempts_total_count"));
}

TEST_CASE("promtool has nothing to say about a full scrape") {
  const std::filesystem::path path = std::filesystem::temp_directory_path() /
                                     ("inferometer-metrics-" + std::to_string(getpid()) + ".txt");
  std::ofstream(path) << full_scrape();
  const std::string command = "promtool check metrics < '" + path.string() + "' 2>&1";
  std::FILE* const pipe = popen(command.c_str(), "r");
  REQUIRE(pipe);
  std::string output;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) {
    output += static_cast<char>(c);
  }
  const int status = pclose(pipe);
  std::filesystem::remove(path);
  CHECK(output.empty());
  CHECK(status == 0);
}
