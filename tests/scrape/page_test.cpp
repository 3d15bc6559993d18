#include "scrape/page.hpp"

#include "scrape/pages.hpp"

#include <doctest/doctest.h>

#include <initializer_list>
#include <string>

using namespace inferometer::scrape;
using inferometer::config::ServerKind;

namespace {

using Member = Figure ServerFigures::*;

constexpr Member k_means[]{
    &ServerFigures::ttft_mean,
    &ServerFigures::queue_time_mean,
    &ServerFigures::prefill_time_mean,
    &ServerFigures::inference_time_mean,
    &ServerFigures::inter_token_latency_mean,
    &ServerFigures::time_per_output_token_mean,
    &ServerFigures::duration_mean,
};

void check_no_means(const ServerFigures& figures) {
  for (const Member mean : k_means) {
    CHECK_FALSE(figures.*mean);
  }
}

std::string refusal(ServerKind kind, std::string_view text) {
  const auto reading = read_page(kind, text);
  REQUIRE_FALSE(reading);
  return reading.error().message;
}

/// TTFT alone, as vLLM shows it.
std::string ttft(const std::string& sum, const std::string& count, const std::string& start = "1") {
  return "process_start_time_seconds " + start + "\nvllm:time_to_first_token_seconds_sum " + sum +
         "\nvllm:time_to_first_token_seconds_count " + count + "\n";
}

Figure ttft_between(const std::string& before, const std::string& after) {
  return figures_between(ServerKind::vllm, before, after).ttft_mean;
}

}  // namespace

TEST_CASE("reading: vLLM") {
  const Reading reading = read_text(ServerKind::vllm, page_text("vllm.prom"));
  const ServerFigures& figures = reading.figures;
  CHECK(figures.requests_running == 12);  // of two engines, like all but the ratio
  CHECK(figures.requests_waiting == 3);
  CHECK(figures.kv_cache_usage_ratio == 0.8125);
  CHECK_FALSE(figures.kv_cache_used_tokens);
  CHECK(figures.kv_cache_capacity_tokens == 880000);
  CHECK(figures.prefix_cache_queries == 200000);
  CHECK(figures.prefix_cache_hits == 100000);
  CHECK_FALSE(figures.prefix_cache_hit_ratio);
  CHECK(figures.prompt_tokens == 201000);
  CHECK(figures.generation_tokens == 50500);
  CHECK(figures.preemptions == 5);
  CHECK(figures.resident_memory_bytes == 963706880);
  CHECK(reading.process_start == 1791741190.42);
  check_no_means(figures);
}

TEST_CASE("reading: an older vLLM") {
  const ServerFigures figures = read_text(ServerKind::vllm, page_text("vllm_old.prom")).figures;
  CHECK(figures.requests_running == 2);
  CHECK(figures.requests_waiting == 1);
  CHECK(figures.kv_cache_usage_ratio == 0.4375);
  CHECK_FALSE(figures.kv_cache_capacity_tokens);  // num_gpu_blocks is "None"
  CHECK_FALSE(figures.prefix_cache_queries);
  CHECK_FALSE(figures.prefix_cache_hits);
  CHECK(figures.prefix_cache_hit_ratio == 0.625);
  CHECK(figures.prompt_tokens == 22527);
  CHECK(figures.generation_tokens == 6500);
  CHECK(figures.preemptions == 0);
  CHECK(figures.resident_memory_bytes == 536870912);
}

TEST_CASE("reading: SGLang with two ranks in each of two engines and requests of two priorities") {
  const ServerFigures figures = read_text(ServerKind::sglang, page_text("sglang.prom")).figures;
  CHECK(figures.requests_running == 16);
  CHECK(figures.requests_waiting == 3);
  CHECK(figures.kv_cache_usage_ratio == 0.75);
  CHECK(figures.kv_cache_used_tokens == 125000);
  CHECK(figures.kv_cache_capacity_tokens == 200000);
  CHECK(figures.prefix_cache_queries == 10000);
  CHECK(figures.prefix_cache_hits == 4096);
  CHECK_FALSE(figures.prefix_cache_hit_ratio);
  CHECK(figures.prompt_tokens == 10000);
  CHECK(figures.generation_tokens == 5000);
  CHECK(figures.preemptions == 4);
  CHECK_FALSE(figures.resident_memory_bytes);
}

TEST_CASE("reading: SGLang before the first hit of its cache has a ratio instead of counters") {
  const ServerFigures figures = read_text(ServerKind::sglang,
                                          "sglang:prompt_tokens_total 100\n"
                                          "sglang:cache_hit_rate{tp_rank=\"0\"} 0\n"
                                          "sglang:num_retractions_sum 7\n")
                                    .figures;
  CHECK_FALSE(figures.prefix_cache_queries);
  CHECK_FALSE(figures.prefix_cache_hits);
  CHECK(figures.prefix_cache_hit_ratio == 0);
  CHECK(figures.prompt_tokens == 100);
  CHECK(figures.preemptions == 7);
}

TEST_CASE("reading: TGI") {
  const ServerFigures figures = read_text(ServerKind::tgi, page_text("tgi.prom")).figures;
  CHECK(figures.requests_running == 5);
  CHECK(figures.requests_waiting == 3);
  CHECK_FALSE(figures.kv_cache_usage_ratio);
  CHECK_FALSE(figures.prefix_cache_hits);
  CHECK(figures.prompt_tokens == 18000);
  CHECK(figures.generation_tokens == 12500);
  CHECK_FALSE(figures.preemptions);
}

TEST_CASE("reading: llama.cpp counts cached prompt tokens beside the others") {
  const ServerFigures figures = read_text(ServerKind::llamacpp, page_text("llamacpp.prom")).figures;
  CHECK(figures.requests_running == 2);
  CHECK(figures.requests_waiting == 1);
  CHECK_FALSE(figures.kv_cache_usage_ratio);
  CHECK(figures.prefix_cache_queries == 10000);
  CHECK(figures.prefix_cache_hits == 2000);
  CHECK(figures.prompt_tokens == 10000);
  CHECK(figures.generation_tokens == 25000);
}

TEST_CASE("reading: an older llama.cpp shows its cache") {
  const ServerFigures figures = read_text(ServerKind::llamacpp,
                                          "llamacpp:prompt_tokens_total 8000\n"
                                          "llamacpp:kv_cache_usage_ratio 0.25\n"
                                          "llamacpp:kv_cache_tokens 1024\n")
                                    .figures;
  CHECK(figures.kv_cache_usage_ratio == 0.25);
  CHECK(figures.kv_cache_used_tokens == 1024);
  CHECK(figures.prompt_tokens == 8000);
  CHECK_FALSE(figures.prefix_cache_queries);
}

TEST_CASE("reading: two pages of vLLM give the means of what finished in between") {
  const std::string before = page_text("vllm.prom");
  std::string after = before;
  // Engine 0 finished two requests more, of 21 gaps together.
  const auto grow = [&](const std::string& family, const std::string& sum, const std::string& count,
                        const std::string& new_sum, const std::string& new_count) {
    const std::string labels = "{engine=\"0\",model_name=\"deepseek-ai/DeepSeek-V3\"} ";
    after = with(after, "vllm:" + family + "_sum" + labels + sum + "\n",
                 "vllm:" + family + "_sum" + labels + new_sum + "\n");
    after = with(after, "vllm:" + family + "_count" + labels + count + "\n",
                 "vllm:" + family + "_count" + labels + new_count + "\n");
  };
  grow("time_to_first_token_seconds", "25.5", "100.0", "26.5", "102.0");
  grow("request_queue_time_seconds", "6.25", "100.0", "6.5", "102.0");
  grow("request_prefill_time_seconds", "19.0", "100.0", "19.75", "102.0");
  grow("request_inference_time_seconds", "505.0", "100.0", "509.0", "102.0");
  grow("inter_token_latency_seconds", "500.0", "25000.0", "503.0", "25024.0");
  grow("request_time_per_output_token_seconds", "2.125", "100.0", "2.375", "102.0");
  grow("e2e_request_latency_seconds", "512.0", "100.0", "516.5", "102.0");
  const ServerFigures figures = figures_between(ServerKind::vllm, before, after);
  CHECK(figures.ttft_mean == 0.5);
  CHECK(figures.queue_time_mean == 0.125);
  CHECK(figures.prefill_time_mean == 0.375);
  CHECK(figures.inference_time_mean == 2);
  CHECK(figures.inter_token_latency_mean == 0.125);
  CHECK(figures.time_per_output_token_mean == 0.125);
  CHECK(figures.duration_mean == 2.25);
}

TEST_CASE("reading: the older name of the inter-token latency gives the mean too") {
  const std::string before = page_text("vllm_old.prom");
  const std::string labels = "{model_name=\"meta-llama/Llama-3.1-8B-Instruct\"} ";
  std::string after = with(before, "time_per_output_token_seconds_sum" + labels + "96.84",
                           "time_per_output_token_seconds_sum" + labels + "98.84");
  after = with(after, "time_per_output_token_seconds_count" + labels + "6456.0",
               "time_per_output_token_seconds_count" + labels + "6556.0");
  const ServerFigures figures = figures_between(ServerKind::vllm, before, after);
  CHECK(*figures.inter_token_latency_mean == doctest::Approx(0.02));
  CHECK_FALSE(figures.ttft_mean);  // nothing new
}

TEST_CASE("reading: means of TGI and llama.cpp") {
  const std::string tgi = page_text("tgi.prom");
  std::string after = with(tgi, "queue_duration_sum 3.25", "queue_duration_sum 4.25");
  after = with(after, "queue_duration_count 147", "queue_duration_count 151");
  after = with(after, "inference_duration_sum 291.5", "inference_duration_sum 299.5");
  after = with(after, "inference_duration_count 147", "inference_duration_count 151");
  after = with(after, "token_duration_sum 3.528", "token_duration_sum 3.628");
  after = with(after, "token_duration_count 147", "token_duration_count 151");
  after = with(after, "request_duration_sum 294.75", "request_duration_sum 304.75");
  after = with(after, "request_duration_count 150", "request_duration_count 154");
  const ServerFigures figures = figures_between(ServerKind::tgi, tgi, after);
  CHECK(figures.queue_time_mean == 0.25);
  CHECK(figures.inference_time_mean == 2);
  CHECK(*figures.time_per_output_token_mean == doctest::Approx(0.025));
  CHECK(figures.duration_mean == 2.5);
  CHECK_FALSE(figures.ttft_mean);

  const std::string llamacpp = page_text("llamacpp.prom");
  after = with(llamacpp, "seconds_total 625.25", "seconds_total 627.75");
  after = with(after, "predicted_total 25000", "predicted_total 25100");
  CHECK(figures_between(ServerKind::llamacpp, llamacpp, after).inter_token_latency_mean == 0.025);
}

TEST_CASE("reading: means of SGLang are of all ranks") {
  const std::string before = page_text("sglang.prom");
  std::string after = with(before, "sglang:queue_time_seconds_sum{dp_rank=\"1\"",
                           "sglang:queue_time_seconds_sum{dp_rank=\"9\"} 1.5\n"
                           "sglang:queue_time_seconds_sum{dp_rank=\"1\"");
  after = with(after, "sglang:queue_time_seconds_count{dp_rank=\"1\"",
               "sglang:queue_time_seconds_count{dp_rank=\"9\"} 3\n"
               "sglang:queue_time_seconds_count{dp_rank=\"1\"");
  CHECK(figures_between(ServerKind::sglang, before, after).queue_time_mean == 0.5);
}

TEST_CASE("reading: no new request is no mean") {
  for (const char* file : {"vllm.prom", "vllm_old.prom"}) {
    check_no_means(figures_between(ServerKind::vllm, page_text(file), page_text(file)));
  }
  CHECK_FALSE(ttft_between(ttft("10", "5"), ttft("11", "5")));
}

TEST_CASE("reading: a restart of the server gives no mean until the next scrape") {
  CHECK(ttft_between(ttft("10", "5"), ttft("11", "7")) == 0.5);
  CHECK_FALSE(ttft_between(ttft("10", "5"), ttft("1", "2")));
  CHECK_FALSE(ttft_between(ttft("10", "5"), ttft("9", "7")));
  CHECK_FALSE(ttft_between(ttft("10", "5"), ttft("11", "7", "2")));  // busy since its new start
  CHECK(ttft_between(ttft("1", "2", "2"), ttft("2", "4", "2")) == 0.5);
}

TEST_CASE("reading: one total that went down tells of a restart for all of them") {
  const auto page = [](const char* duration_count, const char* ttft_count) {
    return "vllm:e2e_request_latency_seconds_sum 1\nvllm:e2e_request_latency_seconds_count " +
           std::string(duration_count) + "\n" + ttft(ttft_count, ttft_count);
  };
  CHECK(ttft_between(page("4", "4"), page("4", "6")) == 1);
  CHECK_FALSE(ttft_between(page("4", "4"), page("3", "6")));
  CHECK_FALSE(ttft_between(page("4", "4"), ttft("6", "6")));
}

TEST_CASE("reading: a total that is new has no mean as nobody knows since when it counts") {
  CHECK_FALSE(ttft_between("vllm:num_requests_running 1\n", ttft("11", "7")));
  CHECK_FALSE(ttft_between("", ttft("11", "7")));
}

TEST_CASE("reading: values that cannot be are no figures") {
  for (const char* value : {"NaN", "+Inf", "-Inf", "-1"}) {
    CAPTURE(value);
    const ServerFigures figures = read_text(ServerKind::vllm,
                                            "vllm:num_requests_running{engine=\"0\"} 1\n"
                                            "vllm:num_requests_running{engine=\"1\"} " +
                                                std::string(value) +
                                                "\n"
                                                "vllm:gpu_prefix_cache_hit_rate -1\n"
                                                "vllm:num_requests_waiting 2\n")
                                      .figures;
    CHECK_FALSE(figures.requests_running);
    CHECK_FALSE(figures.prefix_cache_hit_ratio);
    CHECK(figures.requests_waiting == 2);
    CHECK_FALSE(ttft_between(ttft("10", "5"), ttft(value, "7")));
    CHECK_FALSE(ttft_between(ttft("10", "5"), ttft("11", value)));
  }
}

TEST_CASE("reading: the wrong type under a known name is no figure") {
  const ServerFigures figures = read_text(ServerKind::vllm,
                                          "# TYPE vllm:num_requests_running histogram\n"
                                          "vllm:num_requests_running_bucket{le=\"+Inf\"} 1\n"
                                          "vllm:num_requests_running_sum 1\n"
                                          "vllm:num_requests_running_count 1\n"
                                          "# TYPE vllm:time_to_first_token_seconds gauge\n"
                                          "vllm:time_to_first_token_seconds 1\n")
                                    .figures;
  CHECK_FALSE(figures.requests_running);
  CHECK_FALSE(figures.ttft_mean);
}

TEST_CASE("reading: an underscore may stand for the colon") {
  const std::string text = "sglang_num_running_reqs 3\nsglang_token_usage{dp_rank=\"0\"} 0.5\n";
  const ServerFigures figures = read_text(ServerKind::sglang, text).figures;
  CHECK(figures.requests_running == 3);
  CHECK(figures.kv_cache_usage_ratio == 0.5);
}

TEST_CASE("reading: a server that has seen no request may show nothing at all") {
  const Reading reading = read_text(ServerKind::sglang, "");
  CHECK_FALSE(reading.figures.requests_running);
  check_no_means(reading.figures);
}

TEST_CASE("reading: a page of another server is refused with what to look at") {
  CHECK(refusal(ServerKind::sglang, page_text("vllm.prom")) ==
        "the page has metrics, but none of SGLang: are server_metrics.kind and .url right?");
  CHECK(refusal(ServerKind::tgi, "vllm:num_requests_running 1\n").find("TGI") != std::string::npos);
  CHECK(refusal(ServerKind::llamacpp, "llamacppx 1\n").find("llama.cpp") != std::string::npos);
  CHECK(refusal(ServerKind::vllm, "process_resident_memory_bytes 1\n").find("vLLM") !=
        std::string::npos);
}

TEST_CASE("reading: a broken line in the middle refuses the page") {
  const std::string page = page_text("vllm.prom") + "vllm:num_requests_running{ 1\n";
  CHECK(refusal(ServerKind::vllm, page).find("line 236 of the metrics is broken") == 0);
}
