#include "sim/server_metrics.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <set>
#include <sstream>
#include <string>

using namespace std::chrono_literals;
using namespace inferometer::sim;
using inferometer::base::MonotonicTime;

namespace {

std::string page(const ServerMetrics& metrics) {
  return render_metrics_page({.metrics = metrics, .model = "m", .running = 3, .waiting = 2}).body;
}

/// One request with two tokens has been served.
ServerMetrics served(MetricsKind kind) {
  constexpr MonotonicTime k_start{1000s};
  ServerMetrics metrics(kind);
  RequestMetrics request(metrics, {.prompt_tokens = 100, .cached_prompt_tokens = 32}, k_start);
  request.begin(k_start + 250ms);
  request.progress(1, k_start + 500ms);
  request.progress(2, k_start + 530ms);
  request.end(FinishReason::stop, k_start + 530ms);
  return metrics;
}

bool has(const std::string& page, const std::string& line) {
  return ("\n" + page).find("\n" + line + "\n") != std::string::npos;
}

/// The family that a sample belongs to.
std::string family(const std::string& sample, const std::set<std::string>& histograms) {
  std::string name = sample.substr(0, sample.find_first_of("{ "));
  for (const char* suffix : {"_bucket", "_sum", "_count"}) {
    std::string base = name.substr(0, name.size() - std::string(suffix).size());
    if (name.ends_with(suffix) && histograms.contains(base)) {
      return base;
    }
  }
  return name;
}

/// Whether each sample stands under the HELP and TYPE of its family, and no family comes twice.
void check_exposition(const std::string& page) {
  std::istringstream lines(page);
  std::set<std::string> families;
  std::set<std::string> histograms;
  std::string current;
  for (std::string line; std::getline(lines, line);) {
    CAPTURE(line);
    if (line.starts_with("# HELP ")) {
      current = line.substr(7, line.find(' ', 7) - 7);
      CHECK(families.insert(current).second);
      CHECK(line.size() > 7 + current.size() + 1);
    } else if (line.starts_with("# TYPE ")) {
      CHECK(line.starts_with("# TYPE " + current + " "));
      if (line.ends_with(" histogram")) {
        histograms.insert(current);
      }
    } else {
      CHECK(family(line, histograms) == current);
      CHECK(!std::isnan(std::stod(line.substr(line.rfind(' ')))));
    }
  }
  CHECK(page.ends_with("\n"));
}

}  // namespace

TEST_CASE("metrics page: every kind writes a valid exposition") {
  for (const MetricsKind kind :
       {MetricsKind::vllm, MetricsKind::sglang, MetricsKind::tgi, MetricsKind::llamacpp}) {
    check_exposition(page(ServerMetrics(kind)));
    check_exposition(page(served(kind)));
  }
  CHECK(render_metrics_page({.metrics = ServerMetrics(MetricsKind::vllm), .model = "m"})
            .content_type == "text/plain; version=0.0.4; charset=utf-8");
}

TEST_CASE("metrics page: the figures of vLLM have its names and labels") {
  const std::string text = page(served(MetricsKind::vllm));
  const std::string labels = R"({engine="0",model_name="m"})";
  CHECK(has(text, "# TYPE vllm:num_requests_running gauge"));
  CHECK(has(text, "vllm:num_requests_running" + labels + " 3"));
  CHECK(has(text, "vllm:num_requests_waiting" + labels + " 2"));
  CHECK(has(text, "vllm:prefix_cache_queries_total" + labels + " 100"));
  CHECK(has(text, "vllm:prefix_cache_hits_total" + labels + " 32"));
  CHECK(has(text, "vllm:prompt_tokens_total" + labels + " 100"));
  CHECK(has(text, "vllm:generation_tokens_total" + labels + " 2"));
  CHECK(has(text, "vllm:num_preemptions_total" + labels + " 0"));
  CHECK(has(text,
            R"(vllm:request_success_total{engine="0",model_name="m",finished_reason="stop"} 1)"));
  CHECK(has(text,
            R"(vllm:request_success_total{engine="0",model_name="m",finished_reason="abort"} 0)"));
  CHECK(has(text,
            R"(vllm:time_to_first_token_seconds_bucket{engine="0",model_name="m",le="0.25"} 0)"));
  CHECK(has(text,
            R"(vllm:time_to_first_token_seconds_bucket{engine="0",model_name="m",le="0.5"} 1)"));
  CHECK(has(text,
            R"(vllm:time_to_first_token_seconds_bucket{engine="0",model_name="m",le="+Inf"} 1)"));
  CHECK(has(text, "vllm:time_to_first_token_seconds_sum" + labels + " 0.5"));
  CHECK(has(text, "vllm:time_to_first_token_seconds_count" + labels + " 1"));
  CHECK(has(text, "vllm:inter_token_latency_seconds_sum" + labels + " 0.03"));
  CHECK(has(text, "vllm:request_queue_time_seconds_sum" + labels + " 0.25"));
  CHECK(has(text, "vllm:request_prefill_time_seconds_sum" + labels + " 0.25"));
  CHECK(has(text, "vllm:e2e_request_latency_seconds_sum" + labels + " 0.53"));
  CHECK(text.find("\nprocess_resident_memory_bytes ") != std::string::npos);
}

TEST_CASE(
    "metrics page: the cache is as full as the tokens that are under way and never overfull") {
  ServerMetrics metrics(MetricsKind::vllm);
  const std::string name = R"(vllm:kv_cache_usage_perc{engine="0",model_name="m"} )";
  CHECK(has(page(metrics), name + "0"));
  metrics.tokens_held = ServerMetrics::k_capacity_tokens / 4;
  CHECK(has(page(metrics), name + "0.25"));
  metrics.tokens_held = ServerMetrics::k_capacity_tokens * 2;
  CHECK(has(page(metrics), name + "1"));
}

TEST_CASE("metrics page: the other servers call the same figures by their own names") {
  const std::string sglang = page(served(MetricsKind::sglang));
  const std::string labels = R"({engine_type="unified",model_name="m",pp_rank="0",tp_rank="0"})";
  CHECK(has(sglang, "sglang:num_running_reqs" + labels + " 3"));
  CHECK(has(sglang, "sglang:num_queue_reqs" + labels + " 2"));
  CHECK(has(sglang, "sglang:cache_hit_rate" + labels + " 0.32"));
  CHECK(has(sglang, "sglang:queue_time_seconds_sum" + labels + " 0.25"));
  const std::string tgi = page(served(MetricsKind::tgi));
  CHECK(has(tgi, "tgi_batch_current_size 3"));
  CHECK(has(tgi, "tgi_queue_size 2"));
  CHECK(has(tgi, "tgi_request_success 1"));
  CHECK(has(tgi, R"(tgi_request_failure{err="dropped"} 0)"));
  CHECK(has(tgi, "tgi_request_input_length_sum 100"));
  CHECK(has(tgi, "tgi_request_generated_tokens_sum 2"));
  const std::string llamacpp = page(served(MetricsKind::llamacpp));
  CHECK(has(llamacpp, "llamacpp:requests_processing 3"));
  CHECK(has(llamacpp, "llamacpp:requests_deferred 2"));
  CHECK(has(llamacpp, "llamacpp:tokens_predicted_total 2"));
  CHECK(has(llamacpp, "llamacpp:prompt_seconds_total 0.25"));
}
