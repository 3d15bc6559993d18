#include "scrape/mapping.hpp"

#include <algorithm>

namespace inferometer::scrape {
namespace {

using F = ServerFigures;

constexpr double k_milliseconds = 1e-3;
constexpr double k_microseconds = 1e-6;

constexpr FigureRow k_vllm_gauges[]{
    {&F::requests_running, Combine::sum, {"vllm:num_requests_running"}},
    {&F::requests_waiting, Combine::sum, {"vllm:num_requests_waiting"}},
    {&F::kv_cache_usage_ratio, Combine::fullest, {"vllm:kv_cache_usage_perc"}},
    {&F::kv_cache_usage_ratio, Combine::fullest, {"vllm:gpu_cache_usage_perc"}},
    {&F::kv_cache_capacity_tokens, Combine::cache_config, {"vllm:cache_config_info"}},
    // -1, and so no figure, where the prefix cache is off.
    {&F::prefix_cache_hit_ratio, Combine::mean, {"vllm:gpu_prefix_cache_hit_rate"}},
};

constexpr FigureRow k_vllm_counters[]{
    {&F::prefix_cache_queries, Combine::sum, {"vllm:prefix_cache_queries_total"}},
    {&F::prefix_cache_queries, Combine::sum, {"vllm:gpu_prefix_cache_queries_total"}},
    {&F::prefix_cache_hits, Combine::sum, {"vllm:prefix_cache_hits_total"}},
    {&F::prefix_cache_hits, Combine::sum, {"vllm:gpu_prefix_cache_hits_total"}},
    {&F::prompt_tokens, Combine::sum, {"vllm:prompt_tokens_total"}},
    {&F::generation_tokens, Combine::sum, {"vllm:generation_tokens_total"}},
    {&F::preemptions, Combine::sum, {"vllm:num_preemptions_total"}},
};

constexpr SummaryRow k_vllm_summaries[]{
    {&F::ttft, "vllm:time_to_first_token_seconds_sum", "vllm:time_to_first_token_seconds_count"},
    {&F::queue_time, "vllm:request_queue_time_seconds_sum",
     "vllm:request_queue_time_seconds_count"},
    {&F::prefill_time, "vllm:request_prefill_time_seconds_sum",
     "vllm:request_prefill_time_seconds_count"},
    {&F::decode_time, "vllm:request_decode_time_seconds_sum",
     "vllm:request_decode_time_seconds_count"},
    {&F::inference_time, "vllm:request_inference_time_seconds_sum",
     "vllm:request_inference_time_seconds_count"},
    {&F::inter_token_latency, "vllm:inter_token_latency_seconds_sum",
     "vllm:inter_token_latency_seconds_count"},
    {&F::inter_token_latency, "vllm:time_per_output_token_seconds_sum",
     "vllm:time_per_output_token_seconds_count"},
    {&F::time_per_output_token, "vllm:request_time_per_output_token_seconds_sum",
     "vllm:request_time_per_output_token_seconds_count"},
    {&F::duration, "vllm:e2e_request_latency_seconds_sum",
     "vllm:e2e_request_latency_seconds_count"},
};

// What the scheduler of SGLang shows comes from each rank where that is switched on, and for each
// priority beside their total; what it shows of requests is disjoint (sglang,
// srt/observability/metrics_collector.py).
constexpr FigureRow k_sglang_gauges[]{
    {&F::requests_running, Combine::engines, {"sglang:num_running_reqs"}},
    {&F::requests_waiting, Combine::engines, {"sglang:num_queue_reqs"}},
    {&F::kv_cache_usage_ratio, Combine::fullest, {"sglang:token_usage"}},
    {&F::kv_cache_used_tokens, Combine::engines, {"sglang:num_used_tokens"}},
    {&F::kv_cache_capacity_tokens, Combine::engines, {"sglang:max_total_num_tokens"}},
    {&F::prefix_cache_hit_ratio, Combine::mean, {"sglang:cache_hit_rate"}},
};

constexpr FigureRow k_sglang_counters[]{
    {&F::prefix_cache_queries, Combine::sum, {"sglang:prompt_tokens_total"}},
    {&F::prefix_cache_hits, Combine::sum, {"sglang:cached_tokens_total"}},
    {&F::prompt_tokens, Combine::sum, {"sglang:prompt_tokens_total"}},
    {&F::generation_tokens, Combine::sum, {"sglang:generation_tokens_total"}},
    // SGLang calls a preemption a retraction.
    {&F::preemptions, Combine::engines, {"sglang:num_retracted_requests_total"}},
    {&F::preemptions, Combine::sum, {"sglang:num_retractions_sum"}},
};

constexpr SummaryRow k_sglang_summaries[]{
    {&F::ttft, "sglang:time_to_first_token_seconds_sum",
     "sglang:time_to_first_token_seconds_count"},
    {&F::queue_time, "sglang:queue_time_seconds_sum", "sglang:queue_time_seconds_count"},
    {&F::inter_token_latency, "sglang:inter_token_latency_seconds_sum",
     "sglang:inter_token_latency_seconds_count"},
    {&F::inter_token_latency, "sglang:time_per_output_token_seconds_sum",
     "sglang:time_per_output_token_seconds_count"},
    {&F::duration, "sglang:e2e_request_latency_seconds_sum",
     "sglang:e2e_request_latency_seconds_count"},
};

constexpr FigureRow k_tgi_gauges[]{
    {&F::requests_running, Combine::sum, {"tgi_batch_current_size"}},
    {&F::requests_waiting, Combine::sum, {"tgi_queue_size"}},
};

// tgi_request_skipped_tokens is no prefix cache: it counts speculated tokens (TGI,
// router/src/infer/v2/scheduler.rs).
constexpr FigureRow k_tgi_counters[]{
    {&F::prompt_tokens, Combine::sum, {"tgi_request_input_length_sum"}},
    {&F::generation_tokens, Combine::sum, {"tgi_request_generated_tokens_sum"}},
};

constexpr SummaryRow k_tgi_summaries[]{
    {&F::queue_time, "tgi_request_queue_duration_sum", "tgi_request_queue_duration_count"},
    {&F::inference_time, "tgi_request_inference_duration_sum",
     "tgi_request_inference_duration_count"},
    {&F::time_per_output_token, "tgi_request_mean_time_per_token_duration_sum",
     "tgi_request_mean_time_per_token_duration_count"},
    {&F::duration, "tgi_request_duration_sum", "tgi_request_duration_count"},
};

constexpr FigureRow k_llamacpp_gauges[]{
    {&F::requests_running, Combine::sum, {"llamacpp:requests_processing"}},
    {&F::requests_waiting, Combine::sum, {"llamacpp:requests_deferred"}},
    {&F::kv_cache_usage_ratio, Combine::fullest, {"llamacpp:kv_cache_usage_ratio"}},
    {&F::kv_cache_used_tokens, Combine::sum, {"llamacpp:kv_cache_tokens"}},
};

// llama.cpp's prompt_tokens_total leaves out what came from the cache, unlike the others'; newer
// builds count that beside it. Its seconds of decoding run from a request's first token to its
// last, so they cover one gap less than it has tokens, and as it counts no requests the number of
// gaps is unknown: there is no inter-token latency (llama.cpp, tools/server,
// server_slot_stats::n_gen_steps and server_task_result_metrics::to_metrics).
constexpr FigureRow k_llamacpp_counters[]{
    {&F::prefix_cache_queries,
     Combine::sum,
     {"llamacpp:prompt_tokens_total"},
     {"llamacpp:prompt_tokens_cached_total"}},
    {&F::prefix_cache_hits, Combine::sum, {"llamacpp:prompt_tokens_cached_total"}},
    {&F::prompt_tokens,
     Combine::sum,
     {"llamacpp:prompt_tokens_total"},
     {"llamacpp:prompt_tokens_cached_total"}},
    {&F::prompt_tokens, Combine::sum, {"llamacpp:prompt_tokens_total"}},
    {&F::generation_tokens, Combine::sum, {"llamacpp:tokens_predicted_total"}},
    {&F::prefill_seconds, Combine::sum, {"llamacpp:prompt_seconds_total"}},
    {&F::decode_seconds, Combine::sum, {"llamacpp:tokens_predicted_seconds_total"}},
};

constexpr FigureRow k_trtllm_gauges[]{
    {&F::requests_running, Combine::sum, {"trtllm_num_requests_running"}},
    {&F::requests_waiting, Combine::sum, {"trtllm_num_requests_waiting"}},
    {&F::kv_cache_usage_ratio, Combine::fullest, {"trtllm_kv_cache_utilization"}},
    {.figure = &F::kv_cache_used_tokens,
     .combine = Combine::sum,
     .source = {"trtllm_kv_cache_used_blocks"},
     .times = {"trtllm_kv_cache_tokens_per_block"}},
    {.figure = &F::kv_cache_capacity_tokens,
     .combine = Combine::sum,
     .source = {"trtllm_kv_cache_max_blocks"},
     .times = {"trtllm_kv_cache_tokens_per_block"}},
    {&F::prefix_cache_hit_ratio, Combine::mean, {"trtllm_kv_cache_hit_rate"}},
};

constexpr FigureRow k_trtllm_counters[]{
    {&F::prefix_cache_queries, Combine::sum, {"trtllm_prompt_tokens_total"}},
    {&F::prefix_cache_hits, Combine::sum, {"trtllm_prompt_cached_tokens_total"}},
    {&F::prompt_tokens, Combine::sum, {"trtllm_prompt_tokens_total"}},
    {&F::generation_tokens, Combine::sum, {"trtllm_generation_tokens_total"}},
};

// Its time per output token is a mean of each request, as vLLM's
// request_time_per_output_token_seconds (TensorRT-LLM, tensorrt_llm/metrics/perf_utils.py).
constexpr SummaryRow k_trtllm_summaries[]{
    {&F::ttft, "trtllm_time_to_first_token_seconds_sum",
     "trtllm_time_to_first_token_seconds_count"},
    {&F::queue_time, "trtllm_request_queue_time_seconds_sum",
     "trtllm_request_queue_time_seconds_count"},
    {&F::prefill_time, "trtllm_request_prefill_time_seconds_sum",
     "trtllm_request_prefill_time_seconds_count"},
    {&F::decode_time, "trtllm_request_decode_time_seconds_sum",
     "trtllm_request_decode_time_seconds_count"},
    {&F::inference_time, "trtllm_request_inference_time_seconds_sum",
     "trtllm_request_inference_time_seconds_count"},
    {&F::time_per_output_token, "trtllm_time_per_output_token_seconds_sum",
     "trtllm_time_per_output_token_seconds_count"},
    {&F::duration, "trtllm_e2e_request_latency_seconds_sum",
     "trtllm_e2e_request_latency_seconds_count"},
};

constexpr std::string_view k_requests = "nv_trt_llm_request_metrics";
constexpr std::string_view k_blocks = "nv_trt_llm_kv_cache_block_metrics";

// Active requests are those of the engine that run and those that wait (TensorRT-LLM,
// triton_backend/inflight_batcher_llm).
constexpr FigureRow k_triton_gauges[]{
    {&F::requests_running, Combine::sum, {k_requests, "request_type", "scheduled"}},
    {&F::requests_waiting, Combine::sum, {k_requests, "request_type", "waiting"}},
    {&F::requests_waiting, Combine::sum, {"nv_inference_pending_request_count"}},
    {&F::kv_cache_usage_ratio, Combine::fullest, {k_blocks, "kv_cache_block_type", "fraction"}},
    {.figure = &F::kv_cache_used_tokens,
     .combine = Combine::sum,
     .source = {k_blocks, "kv_cache_block_type", "used"},
     .times = {k_blocks, "kv_cache_block_type", "tokens_per"}},
    {.figure = &F::kv_cache_capacity_tokens,
     .combine = Combine::sum,
     .source = {k_blocks, "kv_cache_block_type", "max"},
     .times = {k_blocks, "kv_cache_block_type", "tokens_per"}},
};

constexpr FigureRow k_triton_counters[]{
    {&F::prompt_tokens, Combine::sum, {"nv_llm_input_token_len_sum"}},
    {&F::generation_tokens, Combine::sum, {"nv_llm_output_token_len_sum"}},
};

// Triton adds to the durations where it counts a success, and only there (triton core,
// src/infer_stats.cc).
constexpr SummaryRow k_triton_summaries[]{
    {&F::ttft, "nv_inference_first_response_histogram_ms_sum",
     "nv_inference_first_response_histogram_ms_count", k_milliseconds},
    {&F::queue_time, "nv_inference_queue_duration_us", "nv_inference_request_success",
     k_microseconds},
    {&F::duration, "nv_inference_request_duration_us", "nv_inference_request_success",
     k_microseconds},
};

constexpr Mapping k_vllm{"vLLM", "vllm", k_vllm_gauges, k_vllm_counters, k_vllm_summaries};
constexpr Mapping k_sglang{"SGLang", "sglang", k_sglang_gauges, k_sglang_counters,
                           k_sglang_summaries};
constexpr Mapping k_tgi{"TGI", "tgi", k_tgi_gauges, k_tgi_counters, k_tgi_summaries};
constexpr Mapping k_llamacpp{"llama.cpp", "llamacpp", k_llamacpp_gauges, k_llamacpp_counters, {}};
constexpr Mapping k_trtllm{"TensorRT-LLM", "trtllm", k_trtllm_gauges, k_trtllm_counters,
                           k_trtllm_summaries};
constexpr Mapping k_triton{"Triton", "nv", k_triton_gauges, k_triton_counters, k_triton_summaries};

bool needs(std::span<const FigureRow> rows, std::string_view name) {
  return std::ranges::any_of(rows, [name](const FigureRow& row) {
    return same_name(name, row.source.name) || same_name(name, row.plus.name) ||
           same_name(name, row.times.name);
  });
}

}  // namespace

const Mapping& mapping_of(config::ServerKind kind) {
  switch (kind) {
    case config::ServerKind::vllm:
      return k_vllm;
    case config::ServerKind::sglang:
      return k_sglang;
    case config::ServerKind::tgi:
      return k_tgi;
    case config::ServerKind::llamacpp:
      return k_llamacpp;
    case config::ServerKind::trtllm:
      return k_trtllm;
    case config::ServerKind::triton:
      return k_triton;
  }
  return k_vllm;
}

bool same_name(std::string_view on_page, std::string_view in_table) {
  if (on_page.size() != in_table.size()) {
    return false;
  }
  const std::size_t colon = in_table.find(':');
  if (colon == std::string_view::npos || on_page[colon] != '_') {
    return on_page == in_table;
  }
  return on_page.substr(0, colon) == in_table.substr(0, colon) &&
         on_page.substr(colon + 1) == in_table.substr(colon + 1);
}

bool needs(const Mapping& mapping, std::string_view name) {
  return needs(mapping.gauges, name) || is_counter(mapping, name);
}

bool is_counter(const Mapping& mapping, std::string_view name) {
  return needs(mapping.counters, name) ||
         std::ranges::any_of(mapping.summaries, [name](const SummaryRow& row) {
           return same_name(name, row.sum) || same_name(name, row.count);
         });
}

}  // namespace inferometer::scrape
