#pragma once

#include <cstdint>
#include <optional>

namespace inferometer::scrape {

using Figure = std::optional<double>;

/// What a server observed since its start, as the histograms and counters have it that it shows.
struct SumAndCount {
  double sum = 0;  ///< seconds
  std::uint64_t count = 0;

  bool operator==(const SumAndCount&) const = default;
};
using Observed = std::optional<SumAndCount>;

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
  Figure prefill_seconds;  ///< like the next, only where the server does not count requests
  Figure decode_seconds;

  /// As the server gives it, 0 to 1, and only where there are no counters to make a better one of.
  Figure prefix_cache_hit_ratio;

  /// No means: the time over which a mean is taken is chosen in the query, and there is no mean of
  /// means.
  Observed ttft;
  Observed queue_time;
  Observed prefill_time;
  Observed decode_time;
  Observed inference_time;
  Observed inter_token_latency;
  Observed time_per_output_token;
  Observed duration;
};

}  // namespace inferometer::scrape
