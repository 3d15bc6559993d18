#pragma once

#include <optional>

namespace inferometer::scrape {

using Figure = std::optional<double>;

/// What one scrape of a server told, in base units; a figure that it did not tell has no value.
/// What each kind of server takes it from is mapping.cpp, and docs/metrics.md for people.
struct ServerFigures {
  Figure requests_running;
  Figure requests_waiting;
  Figure kv_cache_usage_ratio;  ///< 0 to 1
  Figure kv_cache_used_tokens;
  Figure kv_cache_capacity_tokens;
  Figure resident_memory_bytes;

  /// Counters since the server's start, as it counts them.
  Figure prefix_cache_queries;  ///< tokens; never without hits
  Figure prefix_cache_hits;     ///< tokens
  Figure prompt_tokens;
  Figure generation_tokens;
  Figure preemptions;

  /// As the server gives it, 0 to 1, and only where there are no counters to make a better one of.
  Figure prefix_cache_hit_ratio;

  /// Means of what happened between this scrape and the one before, in seconds. None after the
  /// first scrape, after a restart of the server, or if nothing happened in between.
  Figure ttft_mean;
  Figure queue_time_mean;
  Figure prefill_time_mean;
  Figure inference_time_mean;
  Figure inter_token_latency_mean;
  Figure time_per_output_token_mean;
  Figure duration_mean;
};

}  // namespace inferometer::scrape
