#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "sim/http/message.hpp"
#include "sim/model/renderer.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace inferometer::sim {

/// Whose names the figures on /metrics have.
enum class MetricsKind { vllm, sglang, tgi, llamacpp };

[[nodiscard]] base::Result<MetricsKind> parse_metrics_kind(std::string_view text);

/// What happened between two edges, as Prometheus counts it. Not thread-safe.
class Histogram {
 public:
  /// `bounds` ascend and outlive the histogram.
  explicit Histogram(std::span<const double> bounds) : m_bounds(bounds), m_counts(bounds.size()) {}

  void observe(double value);

  [[nodiscard]] std::span<const double> bounds() const { return m_bounds; }
  /// Observations in each bucket, not summed up; those above the last bound are in none.
  [[nodiscard]] std::span<const std::uint64_t> counts() const { return m_counts; }
  [[nodiscard]] std::uint64_t count() const { return m_count; }
  [[nodiscard]] double sum() const { return m_sum; }

 private:
  std::span<const double> m_bounds;
  std::vector<std::uint64_t> m_counts;
  std::uint64_t m_count = 0;
  double m_sum = 0;
};

/// How a request of a simulated server ended.
enum class RequestEnd { stop, length, abort, error };

inline constexpr std::size_t k_request_end_count = static_cast<std::size_t>(RequestEnd::error) + 1;

/// What one simulated server has done since its start. Plain: for the loop's thread only.
struct ServerMetrics {
  explicit ServerMetrics(MetricsKind metrics_kind);

  /// The tokens that the server can hold at once.
  static constexpr std::uint64_t k_capacity_tokens = std::uint64_t{65'536} * 16;

  MetricsKind kind;
  std::uint64_t tokens_held = 0;     ///< of prompts and answers that are under way
  std::uint64_t prefix_queries = 0;  ///< tokens that were looked up
  std::uint64_t prefix_hits = 0;     ///< tokens that were found
  std::uint64_t prompt_tokens = 0;
  std::uint64_t generation_tokens = 0;
  std::array<std::uint64_t, k_request_end_count> ended{};
  Histogram ttft;
  Histogram itl;
  Histogram queue;      ///< until the request has a place
  Histogram prefill;    ///< from there to the first token
  Histogram decode;     ///< from there to the end
  Histogram inference;  ///< both
  Histogram e2e;
  Histogram time_per_token;      ///< mean of one request
  Histogram prompt_lengths;      ///< in tokens
  Histogram generation_lengths;  ///< in tokens
};

/// One request's part in the figures of its server. One that is destroyed before it has ended
/// counts as aborted. Not thread-safe.
class RequestMetrics {
 public:
  using Time = base::MonotonicTime;

  /// A request with this prompt has come; `server` outlives it.
  RequestMetrics(ServerMetrics& server, const Usage& prompt, Time arrived);
  RequestMetrics(const RequestMetrics&) = delete;
  RequestMetrics& operator=(const RequestMetrics&) = delete;
  ~RequestMetrics();

  /// It has its place.
  void begin(Time now);

  /// Its answer has that many tokens by now.
  void progress(std::uint64_t tokens, Time now);

  /// Nothing more comes; `reason` is none if the answer broke off.
  void end(std::optional<FinishReason> reason, Time now);

 private:
  ServerMetrics& m_server;
  std::uint64_t m_prompt_tokens;
  std::uint64_t m_cached_tokens;
  std::uint64_t m_tokens = 0;
  std::uint64_t m_held = 0;
  bool m_ended = false;
  Time m_arrived;
  Time m_begun;
  Time m_first;
  Time m_last;
};

/// One server at this moment.
struct ServerState {
  const ServerMetrics& metrics;
  std::string_view model;   ///< the label `model_name`; needs no escaping
  std::size_t running = 0;  ///< requests
  std::size_t waiting = 0;  ///< requests
};

/// What `GET /metrics` of that server answers, in Prometheus' text format 0.0.4.
[[nodiscard]] http::Response render_metrics_page(const ServerState& state);

}  // namespace inferometer::sim
