#include "metrics/server_recorder.hpp"

#include "metrics/families.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace inferometer::metrics;
using inferometer::config::Provider;
using inferometer::config::ServerKind;
using inferometer::config::ServerMetrics;
using inferometer::scrape::Scrape;
using inferometer::scrape::ServerFigures;
using namespace std::chrono_literals;

namespace {

Provider make_provider(const std::string& name, ServerKind kind = ServerKind::vllm) {
  Provider provider;
  provider.name = name;
  provider.server_metrics = ServerMetrics{.kind = kind, .url = "http://" + name + "/metrics"};
  return provider;
}

Scrape make_scrape(const std::string& name, const ServerFigures& figures,
                   ServerKind kind = ServerKind::vllm) {
  Scrape scrape;
  scrape.provider = name;
  scrape.kind = kind;
  scrape.figures = figures;
  scrape.duration = 250ms;
  return scrape;
}

Scrape make_failure(const std::string& name) {
  Scrape scrape = make_scrape(name, {});
  scrape.figures.reset();
  scrape.error = "HTTP 500";
  return scrape;
}

}  // namespace

TEST_CASE("server metrics: figures have the labels of their provider and kind") {
  ServerMetricsRecorder recorder;
  recorder.set_providers({make_provider("a"), make_provider("b", ServerKind::llamacpp)});
  ServerFigures figures;
  figures.requests_running = 7;
  figures.prompt_tokens = 12345;
  figures.ttft = {{.sum = 0.5, .count = 4}};
  recorder.record(make_scrape("a", figures));
  figures.requests_running = 0;
  recorder.record(make_scrape("b", figures, ServerKind::llamacpp));
  const Families families = recorder.collect();
  CHECK(families.size() == 5);
  const auto* const running = find_family(families, "llm_server_requests_running");
  REQUIRE(running != nullptr);
  REQUIRE(running->samples.size() == 2);
  CHECK(labels_of(running->samples[0]) == Labels{{"provider", "a"}, {"kind", "vllm"}});
  CHECK(labels_of(running->samples[1]) == Labels{{"provider", "b"}, {"kind", "llamacpp"}});
  CHECK(value(families, "llm_server_requests_running", "vllm") == 7);
  CHECK(value(families, "llm_server_requests_running", "llamacpp") == 0);
  CHECK(value(families, "llm_server_prompt_tokens_total", "vllm") == 12345);
  CHECK(summary(families, "llm_server_ttft_seconds", "vllm") ==
        SummarySample{.count = 4, .sum = 0.5});
  CHECK(value(families, "llm_server_up", "vllm") == 1);
  CHECK(value(families, "llm_server_scrape_duration_seconds", "vllm") == 0.25);
}

TEST_CASE("server metrics: what a provider is labelled with stands behind its own labels") {
  ServerMetricsRecorder recorder;
  Provider provider = make_provider("a");
  provider.labels = {{"region", "eu"}};
  recorder.set_providers({provider});
  recorder.record(make_scrape("a", {}));
  const Families families = recorder.collect();
  const auto* const up = find_family(families, "llm_server_up");
  REQUIRE(up != nullptr);
  CHECK(labels_of(up->samples[0]) == Labels{{"provider", "a"}, {"kind", "vllm"}, {"region", "eu"}});
}

TEST_CASE("server metrics: nothing is shown before the first scrape") {
  ServerMetricsRecorder recorder;
  CHECK(recorder.collect().empty());
  recorder.set_providers({make_provider("a"), Provider{}});
  CHECK(recorder.collect().empty());
}

TEST_CASE("server metrics: a failed scrape leaves no figure behind") {
  ServerMetricsRecorder recorder;
  recorder.set_providers({make_provider("a")});
  ServerFigures figures;
  figures.requests_running = 7;
  figures.generation_tokens = 9;
  recorder.record(make_scrape("a", figures));
  CHECK(value(recorder.collect(), "llm_server_requests_running") == 7);
  recorder.record(make_failure("a"));
  const Families families = recorder.collect();
  CHECK(families.size() == 2);
  CHECK(value(families, "llm_server_up") == 0);
  CHECK(value(families, "llm_server_scrape_duration_seconds") == 0.25);
}

TEST_CASE("server metrics: a figure that the next scrape does not tell vanishes") {
  ServerMetricsRecorder recorder;
  recorder.set_providers({make_provider("a")});
  ServerFigures figures;
  figures.ttft = {{.sum = 0.5, .count = 4}};
  recorder.record(make_scrape("a", figures));
  CHECK(find_family(recorder.collect(), "llm_server_ttft_seconds") != nullptr);
  recorder.record(make_scrape("a", {}));
  CHECK(find_family(recorder.collect(), "llm_server_ttft_seconds") == nullptr);
}

TEST_CASE("server metrics: a reload keeps what stays and drops what goes") {
  ServerMetricsRecorder recorder;
  recorder.set_providers({make_provider("a"), make_provider("b"), make_provider("c")});
  for (const char* name : {"a", "b", "c"}) {
    recorder.record(make_scrape(name, {}));
  }
  Provider moved = make_provider("b");
  moved.server_metrics->url = "http://elsewhere/metrics";
  Provider slower = make_provider("a");
  slower.server_metrics->interval = 60s;
  Provider without = make_provider("c");
  without.server_metrics.reset();
  recorder.set_providers({slower, moved, without});
  CHECK(labels_of(find_sample(recorder.collect(), "llm_server_up")).front().value == "a");
  recorder.record(make_scrape("c", {}));
  recorder.record(make_scrape("never seen", {}));
  recorder.record(make_scrape("b", {}, ServerKind::tgi));  // of a configuration before
  CHECK(labels_of(find_sample(recorder.collect(), "llm_server_up")).front().value == "a");
}
