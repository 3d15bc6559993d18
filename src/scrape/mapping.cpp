#include "scrape/mapping.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <system_error>

namespace inferometer::scrape {
namespace {

using F = ServerFigures;

constexpr FigureRow k_vllm_figures[]{
    {&F::requests_running, Combine::sum, "vllm:num_requests_running"},
    {&F::requests_waiting, Combine::sum, "vllm:num_requests_waiting"},
    {&F::kv_cache_usage_ratio, Combine::fullest, "vllm:kv_cache_usage_perc"},
    {&F::kv_cache_usage_ratio, Combine::fullest, "vllm:gpu_cache_usage_perc"},
    {&F::kv_cache_capacity_tokens, Combine::cache_config, "vllm:cache_config_info"},
    {&F::prefix_cache_queries, Combine::sum, "vllm:prefix_cache_queries_total"},
    {&F::prefix_cache_queries, Combine::sum, "vllm:gpu_prefix_cache_queries_total"},
    {&F::prefix_cache_hits, Combine::sum, "vllm:prefix_cache_hits_total"},
    {&F::prefix_cache_hits, Combine::sum, "vllm:gpu_prefix_cache_hits_total"},
    // -1, and so no figure, where the prefix cache is off.
    {&F::prefix_cache_hit_ratio, Combine::mean, "vllm:gpu_prefix_cache_hit_rate"},
    {&F::prompt_tokens, Combine::sum, "vllm:prompt_tokens_total"},
    {&F::generation_tokens, Combine::sum, "vllm:generation_tokens_total"},
    {&F::preemptions, Combine::sum, "vllm:num_preemptions_total"},
};

constexpr MeanRow k_vllm_means[]{
    {&F::ttft_mean, "vllm:time_to_first_token_seconds_sum",
     "vllm:time_to_first_token_seconds_count"},
    {&F::queue_time_mean, "vllm:request_queue_time_seconds_sum",
     "vllm:request_queue_time_seconds_count"},
    {&F::prefill_time_mean, "vllm:request_prefill_time_seconds_sum",
     "vllm:request_prefill_time_seconds_count"},
    {&F::inference_time_mean, "vllm:request_inference_time_seconds_sum",
     "vllm:request_inference_time_seconds_count"},
    {&F::inter_token_latency_mean, "vllm:inter_token_latency_seconds_sum",
     "vllm:inter_token_latency_seconds_count"},
    {&F::inter_token_latency_mean, "vllm:time_per_output_token_seconds_sum",
     "vllm:time_per_output_token_seconds_count"},
    {&F::time_per_output_token_mean, "vllm:request_time_per_output_token_seconds_sum",
     "vllm:request_time_per_output_token_seconds_count"},
    {&F::duration_mean, "vllm:e2e_request_latency_seconds_sum",
     "vllm:e2e_request_latency_seconds_count"},
};

// What the scheduler of SGLang shows comes from each rank where that is switched on, and for each
// priority beside their total; what it shows of requests is disjoint (sglang,
// srt/observability/metrics_collector.py).
constexpr FigureRow k_sglang_figures[]{
    {&F::requests_running, Combine::engines, "sglang:num_running_reqs"},
    {&F::requests_waiting, Combine::engines, "sglang:num_queue_reqs"},
    {&F::kv_cache_usage_ratio, Combine::fullest, "sglang:token_usage"},
    {&F::kv_cache_used_tokens, Combine::engines, "sglang:num_used_tokens"},
    {&F::kv_cache_capacity_tokens, Combine::engines, "sglang:max_total_num_tokens"},
    {&F::prefix_cache_queries, Combine::sum, "sglang:prompt_tokens_total"},
    {&F::prefix_cache_hits, Combine::sum, "sglang:cached_tokens_total"},
    {&F::prefix_cache_hit_ratio, Combine::mean, "sglang:cache_hit_rate"},
    {&F::prompt_tokens, Combine::sum, "sglang:prompt_tokens_total"},
    {&F::generation_tokens, Combine::sum, "sglang:generation_tokens_total"},
    // SGLang calls a preemption a retraction.
    {&F::preemptions, Combine::engines, "sglang:num_retracted_requests_total"},
    {&F::preemptions, Combine::sum, "sglang:num_retractions_sum"},
};

constexpr MeanRow k_sglang_means[]{
    {&F::ttft_mean, "sglang:time_to_first_token_seconds_sum",
     "sglang:time_to_first_token_seconds_count"},
    {&F::queue_time_mean, "sglang:queue_time_seconds_sum", "sglang:queue_time_seconds_count"},
    {&F::inter_token_latency_mean, "sglang:inter_token_latency_seconds_sum",
     "sglang:inter_token_latency_seconds_count"},
    {&F::inter_token_latency_mean, "sglang:time_per_output_token_seconds_sum",
     "sglang:time_per_output_token_seconds_count"},
    {&F::duration_mean, "sglang:e2e_request_latency_seconds_sum",
     "sglang:e2e_request_latency_seconds_count"},
};

// tgi_request_skipped_tokens is no prefix cache: it counts speculated tokens (TGI,
// router/src/infer/v2/scheduler.rs).
constexpr FigureRow k_tgi_figures[]{
    {&F::requests_running, Combine::sum, "tgi_batch_current_size"},
    {&F::requests_waiting, Combine::sum, "tgi_queue_size"},
    {&F::prompt_tokens, Combine::sum, "tgi_request_input_length_sum"},
    {&F::generation_tokens, Combine::sum, "tgi_request_generated_tokens_sum"},
};

constexpr MeanRow k_tgi_means[]{
    {&F::queue_time_mean, "tgi_request_queue_duration_sum", "tgi_request_queue_duration_count"},
    {&F::inference_time_mean, "tgi_request_inference_duration_sum",
     "tgi_request_inference_duration_count"},
    {&F::time_per_output_token_mean, "tgi_request_mean_time_per_token_duration_sum",
     "tgi_request_mean_time_per_token_duration_count"},
    {&F::duration_mean, "tgi_request_duration_sum", "tgi_request_duration_count"},
};

// llama.cpp's prompt_tokens_total leaves out what came from the cache, unlike the others'; newer
// builds count that beside it.
constexpr FigureRow k_llamacpp_figures[]{
    {&F::requests_running, Combine::sum, "llamacpp:requests_processing"},
    {&F::requests_waiting, Combine::sum, "llamacpp:requests_deferred"},
    {&F::kv_cache_usage_ratio, Combine::fullest, "llamacpp:kv_cache_usage_ratio"},
    {&F::kv_cache_used_tokens, Combine::sum, "llamacpp:kv_cache_tokens"},
    {&F::prefix_cache_queries, Combine::sum, "llamacpp:prompt_tokens_total",
     "llamacpp:prompt_tokens_cached_total"},
    {&F::prefix_cache_hits, Combine::sum, "llamacpp:prompt_tokens_cached_total"},
    {&F::prompt_tokens, Combine::sum, "llamacpp:prompt_tokens_total",
     "llamacpp:prompt_tokens_cached_total"},
    {&F::prompt_tokens, Combine::sum, "llamacpp:prompt_tokens_total"},
    {&F::generation_tokens, Combine::sum, "llamacpp:tokens_predicted_total"},
};

// Seconds that the slots spent on tokens over those tokens: each token of each stream once.
constexpr MeanRow k_llamacpp_means[]{
    {&F::inter_token_latency_mean, "llamacpp:tokens_predicted_seconds_total",
     "llamacpp:tokens_predicted_total"},
};

constexpr Mapping k_vllm{"vLLM", "vllm", k_vllm_figures, k_vllm_means};
constexpr Mapping k_sglang{"SGLang", "sglang", k_sglang_figures, k_sglang_means};
constexpr Mapping k_tgi{"TGI", "tgi", k_tgi_figures, k_tgi_means};
constexpr Mapping k_llamacpp{"llama.cpp", "llamacpp", k_llamacpp_figures, k_llamacpp_means};

std::optional<double> whole_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size()
             ? std::optional(static_cast<double>(value))
             : std::nullopt;
}

/// vLLM writes "None" for what it does not know. The size in tokens is newer, and right also where
/// layers of several kinds share the blocks.
Figure cache_capacity(const Sample& sample) {
  if (const auto tokens = whole_number(sample.label("kv_cache_size_tokens"))) {
    return tokens;
  }
  const auto blocks = whole_number(sample.label("num_gpu_blocks"));
  const auto block_size = whole_number(sample.label("block_size"));
  return blocks && block_size ? Figure(*blocks * *block_size) : std::nullopt;
}

/// What tells the series of one engine from those of another.
std::string engine_of(const Sample& sample) {
  constexpr std::array<std::string_view, 4> k_within_engine{"tp_rank", "pp_rank", "moe_ep_rank",
                                                            "priority"};
  std::string engine;
  for (const Label& label : sample.labels) {
    if (std::ranges::find(k_within_engine, label.name) == k_within_engine.end()) {
      engine.append(label.name).append("=").append(label.value).push_back('\0');
    }
  }
  return engine;
}

double sum_of_engines(std::span<const Sample* const> samples) {
  std::map<std::string, double> engines;
  for (const Sample* sample : samples) {
    double& largest = engines[engine_of(*sample)];
    largest = std::max(largest, sample->value);
  }
  double sum = 0;
  for (const auto& [engine, value] : engines) {
    sum += value;
  }
  return sum;
}

Figure sum_of_capacities(std::span<const Sample* const> samples) {
  double sum = 0;
  for (const Sample* sample : samples) {
    const Figure capacity = cache_capacity(*sample);
    if (!capacity) {
      return std::nullopt;
    }
    sum += *capacity;
  }
  return sum;
}

double sum(std::span<const Sample* const> samples) {
  double sum = 0;
  for (const Sample* sample : samples) {
    sum += sample->value;
  }
  return sum;
}

double largest(std::span<const Sample* const> samples) {
  double largest = 0;
  for (const Sample* sample : samples) {
    largest = std::max(largest, sample->value);
  }
  return largest;
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

bool wants(const Mapping& mapping, std::string_view name) {
  return std::ranges::any_of(mapping.figures,
                             [name](const FigureRow& row) {
                               return same_name(name, row.name) || same_name(name, row.plus);
                             }) ||
         std::ranges::any_of(mapping.means, [name](const MeanRow& row) {
           return same_name(name, row.sum) || same_name(name, row.count);
         });
}

Figure combine(std::span<const Sample> samples, std::string_view name, Combine how) {
  std::vector<const Sample*> series;
  for (const Sample& sample : samples) {
    if (!same_name(sample.name, name)) {
      continue;
    }
    if (!std::isfinite(sample.value) || sample.value < 0) {
      return std::nullopt;
    }
    series.push_back(&sample);
  }
  if (series.empty()) {
    return std::nullopt;
  }
  switch (how) {
    case Combine::sum:
      return sum(series);
    case Combine::engines:
      return sum_of_engines(series);
    case Combine::fullest:
      return largest(series);
    case Combine::mean:
      return sum(series) / static_cast<double>(series.size());
    case Combine::cache_config:
      return sum_of_capacities(series);
  }
  return std::nullopt;
}

}  // namespace inferometer::scrape
