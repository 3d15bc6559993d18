#include "scrape/page.hpp"

#include "scrape/pages.hpp"

#include <doctest/doctest.h>

#include <initializer_list>
#include <string>

using namespace inferometer::scrape;
using inferometer::config::ServerKind;

namespace {

std::string refusal(ServerKind kind, std::string_view text) {
  const auto page = read_page(kind, text);
  REQUIRE_FALSE(page);
  return page.error().message;
}

/// TTFT alone, as vLLM shows it.
Observed ttft(const std::string& sum, const std::string& count) {
  return figures_on(ServerKind::vllm, "vllm:time_to_first_token_seconds_sum " + sum +
                                          "\nvllm:time_to_first_token_seconds_count " + count +
                                          "\n")
      .ttft;
}

}  // namespace

TEST_CASE("page: vLLM") {
  const ServerPage page = read_text(ServerKind::vllm, page_text("vllm.prom"));
  const ServerFigures figures = figures_of(ServerKind::vllm, page.samples);
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
  CHECK(page.process_start == 1791741190.42);
  CHECK(figures.ttft == SumAndCount{51, 200});
  CHECK(figures.queue_time == SumAndCount{12.5, 200});
  CHECK(figures.prefill_time == SumAndCount{38, 200});
  CHECK(figures.decode_time == SumAndCount{972, 200});
  CHECK(figures.inference_time == SumAndCount{1010, 200});
  CHECK(figures.inter_token_latency == SumAndCount{1000, 50000});
  CHECK(figures.time_per_output_token == SumAndCount{4.25, 200});
  CHECK(figures.duration == SumAndCount{1024, 200});
  CHECK_FALSE(figures.prefill_seconds);
  CHECK_FALSE(figures.decode_seconds);
}

TEST_CASE("page: an older vLLM") {
  const ServerFigures figures = figures_on(ServerKind::vllm, page_text("vllm_old.prom"));
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
  CHECK(figures.inter_token_latency == SumAndCount{96.84, 6456});  // by its older name
  CHECK_FALSE(figures.time_per_output_token);
}

TEST_CASE("page: SGLang with two ranks in each of two engines and requests of two priorities") {
  const ServerFigures figures = figures_on(ServerKind::sglang, page_text("sglang.prom"));
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
  CHECK(figures.ttft == SumAndCount{22.5, 90});
  CHECK(figures.queue_time == SumAndCount{5, 100});  // of all ranks
  CHECK(figures.inter_token_latency == SumAndCount{66.15, 4410});
  CHECK(figures.duration == SumAndCount{125, 100});
  CHECK_FALSE(figures.decode_time);
}

TEST_CASE("page: SGLang before the first hit of its cache has a ratio instead of counters") {
  const ServerFigures figures = figures_on(ServerKind::sglang,
                                           "sglang:prompt_tokens_total 100\n"
                                           "sglang:cache_hit_rate{tp_rank=\"0\"} 0\n"
                                           "sglang:num_retractions_sum 7\n");
  CHECK_FALSE(figures.prefix_cache_queries);
  CHECK_FALSE(figures.prefix_cache_hits);
  CHECK(figures.prefix_cache_hit_ratio == 0);
  CHECK(figures.prompt_tokens == 100);
  CHECK(figures.preemptions == 7);
}

TEST_CASE("page: TGI") {
  const ServerFigures figures = figures_on(ServerKind::tgi, page_text("tgi.prom"));
  CHECK(figures.requests_running == 5);
  CHECK(figures.requests_waiting == 3);
  CHECK_FALSE(figures.kv_cache_usage_ratio);
  CHECK_FALSE(figures.prefix_cache_hits);
  CHECK(figures.prompt_tokens == 18000);
  CHECK(figures.generation_tokens == 12500);
  CHECK_FALSE(figures.preemptions);
  CHECK(figures.queue_time == SumAndCount{3.25, 147});
  CHECK(figures.inference_time == SumAndCount{291.5, 147});
  CHECK(figures.time_per_output_token == SumAndCount{3.528, 147});
  CHECK(figures.duration == SumAndCount{294.75, 150});
  CHECK_FALSE(figures.ttft);
}

TEST_CASE("page: llama.cpp counts cached prompt tokens beside the others") {
  const ServerFigures figures = figures_on(ServerKind::llamacpp, page_text("llamacpp.prom"));
  CHECK(figures.requests_running == 2);
  CHECK(figures.requests_waiting == 1);
  CHECK_FALSE(figures.kv_cache_usage_ratio);
  CHECK(figures.prefix_cache_queries == 10000);
  CHECK(figures.prefix_cache_hits == 2000);
  CHECK(figures.prompt_tokens == 10000);
  CHECK(figures.generation_tokens == 25000);
}

TEST_CASE("page: llama.cpp tells seconds and no number of gaps or requests") {
  const ServerFigures figures = figures_on(ServerKind::llamacpp, page_text("llamacpp.prom"));
  CHECK(figures.prefill_seconds == 12.5);
  CHECK(figures.decode_seconds == 625.25);
  // 25,000 tokens of, say, 12,500 requests are 12,500 gaps: 50 ms, not 25.
  CHECK_FALSE(figures.inter_token_latency);
  CHECK_FALSE(figures.time_per_output_token);
  CHECK_FALSE(figures.decode_time);
}

TEST_CASE("page: TensorRT-LLM") {
  const ServerFigures figures = figures_on(ServerKind::trtllm, page_text("trtllm.prom"));
  CHECK(figures.requests_running == 6);
  CHECK(figures.requests_waiting == 2);
  CHECK(figures.kv_cache_usage_ratio == 0.25);
  CHECK(figures.kv_cache_used_tokens == 32768);
  CHECK(figures.kv_cache_capacity_tokens == 131072);
  CHECK(figures.prefix_cache_queries == 40960);
  CHECK(figures.prefix_cache_hits == 8192);
  CHECK_FALSE(figures.prefix_cache_hit_ratio);
  CHECK(figures.prompt_tokens == 40960);
  CHECK(figures.generation_tokens == 10240);
  CHECK(figures.ttft == SumAndCount{12, 80});
  CHECK(figures.queue_time == SumAndCount{4, 80});
  CHECK(figures.prefill_time == SumAndCount{8, 80});
  CHECK(figures.decode_time == SumAndCount{156, 80});
  CHECK(figures.inference_time == SumAndCount{164, 80});
  CHECK(figures.time_per_output_token == SumAndCount{1, 80});
  CHECK(figures.duration == SumAndCount{168, 80});
  CHECK_FALSE(figures.inter_token_latency);  // its time per output token counts requests
}

TEST_CASE("page: Triton counts a request at each step of an ensemble and only the LLM's counts") {
  const ServerFigures figures = figures_on(ServerKind::triton, page_text("triton.prom"));
  CHECK(figures.requests_running == 5);
  CHECK(figures.requests_waiting == 2);
  CHECK(figures.kv_cache_usage_ratio == 0.5);
  CHECK(figures.kv_cache_used_tokens == 199680);
  CHECK(figures.kv_cache_capacity_tokens == 399360);
  CHECK(figures.prompt_tokens == 20480);
  CHECK(figures.generation_tokens == 5120);
  CHECK(figures.ttft == SumAndCount{6, 40});
  REQUIRE(figures.queue_time);
  CHECK(figures.queue_time->sum == doctest::Approx(0.02));
  CHECK(figures.queue_time->count == 40);
  REQUIRE(figures.duration);
  CHECK(figures.duration->sum == doctest::Approx(80));
  CHECK(figures.duration->count == 40);
}

TEST_CASE("page: a Triton without TensorRT-LLM tells of its only model and of none among several") {
  const auto model = [](const std::string& name) {
    return "nv_inference_request_success{model=\"" + name +
           "\",version=\"1\"} 4\nnv_inference_request_duration_us{model=\"" + name +
           "\",version=\"1\"} 8000000\nnv_inference_pending_request_count{model=\"" + name +
           "\",version=\"1\"} 3\n";
  };
  const ServerFigures one = figures_on(ServerKind::triton, model("llm"));
  CHECK(one.duration == SumAndCount{8, 4});
  CHECK(one.requests_waiting == 3);
  const ServerFigures two = figures_on(ServerKind::triton, model("llm") + model("tokenizer"));
  CHECK_FALSE(two.duration);
  CHECK_FALSE(two.requests_waiting);
}

TEST_CASE("page: trtllm-serve's JSON is refused with where its other page is") {
  CHECK(refusal(ServerKind::trtllm, "[{\"iter\": 1}]\n").find("/prometheus/metrics") !=
        std::string::npos);
  CHECK(refusal(ServerKind::trtllm, "<html>\n").find("/prometheus/metrics") == std::string::npos);
}

TEST_CASE("page: an older llama.cpp shows its cache") {
  const ServerFigures figures = figures_on(ServerKind::llamacpp,
                                           "llamacpp:prompt_tokens_total 8000\n"
                                           "llamacpp:kv_cache_usage_ratio 0.25\n"
                                           "llamacpp:kv_cache_tokens 1024\n");
  CHECK(figures.kv_cache_usage_ratio == 0.25);
  CHECK(figures.kv_cache_used_tokens == 1024);
  CHECK(figures.prompt_tokens == 8000);
  CHECK_FALSE(figures.prefix_cache_queries);
}

TEST_CASE("page: values that cannot be are no figures") {
  for (const char* value : {"NaN", "+Inf", "-Inf", "-1"}) {
    CAPTURE(value);
    const ServerFigures figures = figures_on(ServerKind::vllm,
                                             "vllm:num_requests_running{engine=\"0\"} 1\n"
                                             "vllm:num_requests_running{engine=\"1\"} " +
                                                 std::string(value) +
                                                 "\n"
                                                 "vllm:gpu_prefix_cache_hit_rate -1\n"
                                                 "vllm:num_requests_waiting 2\n");
    CHECK_FALSE(figures.requests_running);
    CHECK_FALSE(figures.prefix_cache_hit_ratio);
    CHECK(figures.requests_waiting == 2);
    CHECK_FALSE(ttft(value, "7"));
    CHECK_FALSE(ttft("11", value));
  }
}

TEST_CASE("page: the wrong type under a known name is no figure") {
  const ServerFigures figures = figures_on(ServerKind::vllm,
                                           "# TYPE vllm:num_requests_running histogram\n"
                                           "vllm:num_requests_running_bucket{le=\"+Inf\"} 1\n"
                                           "vllm:num_requests_running_sum 1\n"
                                           "vllm:num_requests_running_count 1\n"
                                           "# TYPE vllm:time_to_first_token_seconds gauge\n"
                                           "vllm:time_to_first_token_seconds 1\n");
  CHECK_FALSE(figures.requests_running);
  CHECK_FALSE(figures.ttft);
}

TEST_CASE("page: an underscore may stand for the colon") {
  const std::string text = "sglang_num_running_reqs 3\nsglang_token_usage{dp_rank=\"0\"} 0.5\n";
  const ServerFigures figures = figures_on(ServerKind::sglang, text);
  CHECK(figures.requests_running == 3);
  CHECK(figures.kv_cache_usage_ratio == 0.5);
}

TEST_CASE("page: a server that has seen no request may show nothing at all") {
  const ServerFigures figures = figures_on(ServerKind::sglang, "");
  CHECK_FALSE(figures.requests_running);
  CHECK_FALSE(figures.ttft);
}

TEST_CASE("page: a count that is none is no figure and nothing observed is one") {
  CHECK(ttft("0.0", "0.0") == SumAndCount{0, 0});
  CHECK(ttft("0.25", "3.0") == SumAndCount{0.25, 3});
  CHECK_FALSE(ttft("1", "1e300"));
  CHECK_FALSE(figures_on(ServerKind::vllm, "vllm:time_to_first_token_seconds_sum 1\n").ttft);
}

TEST_CASE("page: a page of another server is refused with what to look at") {
  CHECK(refusal(ServerKind::sglang, page_text("vllm.prom")) ==
        "the page has metrics, but none of SGLang: are server_metrics.kind and .url right?");
  CHECK(refusal(ServerKind::tgi, "vllm:num_requests_running 1\n").find("TGI") != std::string::npos);
  CHECK(refusal(ServerKind::llamacpp, "llamacppx 1\n").find("llama.cpp") != std::string::npos);
  CHECK(refusal(ServerKind::vllm, "process_resident_memory_bytes 1\n").find("vLLM") !=
        std::string::npos);
}

TEST_CASE("page: a broken line in the middle refuses the page") {
  const std::string page = page_text("vllm.prom") + "vllm:num_requests_running{ 1\n";
  CHECK(refusal(ServerKind::vllm, page).find("line 236 of the metrics is broken") == 0);
}
