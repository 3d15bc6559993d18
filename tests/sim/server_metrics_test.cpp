#include "sim/server_metrics.hpp"

#include <doctest/doctest.h>

#include <optional>

using namespace std::chrono_literals;
using namespace inferometer::sim;
using inferometer::base::MonotonicTime;

namespace {

constexpr MonotonicTime k_start{1000s};
constexpr Usage k_prompt{.prompt_tokens = 100, .cached_prompt_tokens = 32};

std::uint64_t ended(const ServerMetrics& metrics, RequestEnd how) {
  return metrics.ended[static_cast<std::size_t>(how)];
}

}  // namespace

TEST_CASE("metrics: a histogram counts up to and with its bounds") {
  constexpr std::array k_bounds{1.0, 2.0};
  Histogram histogram(k_bounds);
  for (const double value : {0.5, 1.0, 1.5, 2.0, 2.5}) {
    histogram.observe(value);
  }
  CHECK(histogram.counts()[0] == 2);
  CHECK(histogram.counts()[1] == 2);
  CHECK(histogram.count() == 5);
  CHECK(histogram.sum() == 7.5);
}

TEST_CASE("metrics: a request that goes well is in every figure") {
  ServerMetrics metrics(MetricsKind::vllm);
  {
    RequestMetrics request(metrics, k_prompt, k_start);
    CHECK(metrics.tokens_held == 0);
    request.begin(k_start + 2s);
    CHECK(metrics.tokens_held == 100);
    request.progress(1, k_start + 5s);
    request.progress(1, k_start + 6s);  // No new token, no gap.
    request.progress(3, k_start + 9s);
    CHECK(metrics.tokens_held == 103);
    request.end(FinishReason::length, k_start + 10s);
  }
  CHECK(metrics.tokens_held == 0);
  CHECK(metrics.prefix_queries == 100);
  CHECK(metrics.prefix_hits == 32);
  CHECK(metrics.prompt_tokens == 100);
  CHECK(metrics.generation_tokens == 3);
  CHECK(metrics.queue.sum() == 2);
  CHECK(metrics.ttft.sum() == 5);
  CHECK(metrics.prefill.sum() == 3);
  CHECK(metrics.itl.sum() == 4);
  CHECK(metrics.itl.count() == 1);
  CHECK(metrics.decode.sum() == 4);
  CHECK(metrics.inference.sum() == 8);
  CHECK(metrics.e2e.sum() == 10);
  CHECK(metrics.time_per_token.sum() == 2);
  CHECK(ended(metrics, RequestEnd::length) == 1);
  CHECK(ended(metrics, RequestEnd::abort) == 0);
}

TEST_CASE("metrics: a request counts by how it ended and one without an end as aborted") {
  ServerMetrics metrics(MetricsKind::vllm);
  const auto run = [&metrics](std::optional<FinishReason> reason) {
    RequestMetrics request(metrics, k_prompt, k_start);
    request.begin(k_start);
    request.end(reason, k_start + 1s);
  };
  run(FinishReason::stop);
  run(FinishReason::content_filter);
  run(std::nullopt);
  {
    RequestMetrics gone(metrics, k_prompt, k_start);
    gone.begin(k_start);
    gone.progress(1, k_start + 1s);
  }
  { const RequestMetrics never_begun(metrics, k_prompt, k_start); }
  CHECK(ended(metrics, RequestEnd::stop) == 2);
  CHECK(ended(metrics, RequestEnd::error) == 1);
  CHECK(ended(metrics, RequestEnd::abort) == 2);
  CHECK(metrics.e2e.count() == 3);
  CHECK(metrics.prompt_tokens == 400);
  CHECK(metrics.tokens_held == 0);
}

TEST_CASE("metrics: an answer without tokens has no time to a first one") {
  ServerMetrics metrics(MetricsKind::vllm);
  RequestMetrics request(metrics, k_prompt, k_start);
  request.begin(k_start);
  request.progress(0, k_start + 1s);
  request.end(FinishReason::stop, k_start + 1s);
  CHECK(metrics.ttft.count() == 0);
  CHECK(metrics.decode.count() == 0);
  CHECK(metrics.time_per_token.count() == 0);
  CHECK(metrics.prompt_tokens == 100);
}

TEST_CASE("metrics: each kind has a name and buckets of its own") {
  CHECK(parse_metrics_kind("vllm").value() == MetricsKind::vllm);
  CHECK(parse_metrics_kind("sglang").value() == MetricsKind::sglang);
  CHECK(parse_metrics_kind("tgi").value() == MetricsKind::tgi);
  CHECK(parse_metrics_kind("llamacpp").value() == MetricsKind::llamacpp);
  CHECK(parse_metrics_kind("ollama").error().message ==
        "there is no kind of metrics 'ollama': use one of vllm, sglang, tgi, llamacpp");
  CHECK(ServerMetrics(MetricsKind::vllm).ttft.bounds().size() == 22);
  CHECK(ServerMetrics(MetricsKind::vllm).itl.bounds().size() == 19);
  CHECK(ServerMetrics(MetricsKind::vllm).e2e.bounds().size() == 21);
  CHECK(ServerMetrics(MetricsKind::sglang).ttft.bounds().front() == 0.1);
  CHECK(ServerMetrics(MetricsKind::tgi).e2e.bounds().size() == 35);
}
