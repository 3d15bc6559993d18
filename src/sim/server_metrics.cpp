#include "sim/server_metrics.hpp"

#include "sim/model/names.hpp"

#include <algorithm>
#include <utility>

namespace inferometer::sim {
namespace {

using base::seconds;

constexpr std::array k_kinds{
    Name<MetricsKind>{"vllm", MetricsKind::vllm},
    Name<MetricsKind>{"sglang", MetricsKind::sglang},
    Name<MetricsKind>{"tgi", MetricsKind::tgi},
    Name<MetricsKind>{"llamacpp", MetricsKind::llamacpp},
};

// Buckets in seconds, as vLLM, SGLang and TGI have them.
constexpr std::array k_vllm_ttft{0.001, 0.005, 0.01, 0.02,  0.04,  0.06,  0.08, 0.1,
                                 0.25,  0.5,   0.75, 1.0,   2.5,   5.0,   7.5,  10.0,
                                 20.0,  40.0,  80.0, 160.0, 640.0, 2560.0};
constexpr std::array k_vllm_itl{0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2,  0.3,  0.4, 0.5,
                                0.75, 1.0,   2.5,  5.0,   7.5, 10.0, 20.0, 40.0, 80.0};
constexpr std::array k_vllm_latency{0.3,  0.5,   0.8,   1.0,   1.5,   2.0,    2.5,
                                    5.0,  10.0,  15.0,  20.0,  30.0,  40.0,   50.0,
                                    60.0, 120.0, 240.0, 480.0, 960.0, 1920.0, 7680.0};
constexpr std::array k_sglang_ttft{0.1, 0.2,  0.4,  0.6,  0.8,  1.0,  2.0,   4.0,   6.0,
                                   8.0, 10.0, 20.0, 40.0, 60.0, 80.0, 100.0, 200.0, 400.0};
constexpr std::array k_sglang_itl{0.002, 0.004, 0.006, 0.008, 0.01, 0.015, 0.02, 0.025,
                                  0.03,  0.035, 0.04,  0.06,  0.08, 0.1,   0.2,  0.4,
                                  0.6,   0.8,   1.0,   2.0,   4.0,  6.0,   8.0};
constexpr std::array k_sglang_e2e{0.1,   0.2,   0.4,   0.6,    0.8,    1.0,   2.0,  4.0,
                                  6.0,   8.0,   10.0,  20.0,   40.0,   60.0,  80.0, 100.0,
                                  200.0, 400.0, 600.0, 1200.0, 1800.0, 2400.0};
constexpr std::array k_sglang_queue{0.0,  0.1,   0.2,   0.5,   1.0,   2.0,    3.0,    4.0,   5.0,
                                    10.0, 15.0,  20.0,  30.0,  40.0,  50.0,   60.0,   70.0,  80.0,
                                    90.0, 100.0, 200.0, 300.0, 500.0, 1000.0, 2000.0, 3000.0};
constexpr std::array k_lengths{1.0,   2.0,    5.0,    10.0,   20.0,    50.0,    100.0,   200.0,
                               500.0, 1000.0, 2000.0, 5000.0, 10000.0, 20000.0, 50000.0, 100000.0};

/// TGI's 0.0001 * 1.5^k for k from 1 to 35.
constexpr auto k_tgi_durations = [] {
  std::array<double, 35> bounds{};
  double bound = 0.0001;
  for (double& each : bounds) {
    bound *= 1.5;
    each = bound;
  }
  return bounds;
}();

struct Bounds {
  std::span<const double> ttft;
  std::span<const double> itl;
  std::span<const double> queue;
  std::span<const double> stages;  ///< of a request, and of the whole of it
};

Bounds bounds_of(MetricsKind kind) {
  switch (kind) {
    case MetricsKind::sglang:
      return {k_sglang_ttft, k_sglang_itl, k_sglang_queue, k_sglang_e2e};
    case MetricsKind::tgi:
      return {k_tgi_durations, k_tgi_durations, k_tgi_durations, k_tgi_durations};
    case MetricsKind::vllm:
    case MetricsKind::llamacpp:  // It shows sums alone.
      return {k_vllm_ttft, k_vllm_itl, k_vllm_latency, k_vllm_latency};
  }
  return {};
}

RequestEnd request_end(std::optional<FinishReason> reason) {
  if (!reason) {
    return RequestEnd::error;
  }
  return *reason == FinishReason::length ? RequestEnd::length : RequestEnd::stop;
}

}  // namespace

base::Result<MetricsKind> parse_metrics_kind(std::string_view text) {
  return parse_name(k_kinds, "kind of metrics", text);
}

void Histogram::observe(double value) {
  const auto bound = std::lower_bound(m_bounds.begin(), m_bounds.end(), value);
  if (bound != m_bounds.end()) {
    ++m_counts[static_cast<std::size_t>(bound - m_bounds.begin())];
  }
  ++m_count;
  m_sum += value;
}

ServerMetrics::ServerMetrics(MetricsKind metrics_kind)
    : kind(metrics_kind),
      ttft(bounds_of(kind).ttft),
      itl(bounds_of(kind).itl),
      queue(bounds_of(kind).queue),
      prefill(bounds_of(kind).stages),
      decode(bounds_of(kind).stages),
      inference(bounds_of(kind).stages),
      e2e(bounds_of(kind).stages),
      time_per_token(bounds_of(kind).itl),
      prompt_lengths(k_lengths),
      generation_lengths(k_lengths) {}

RequestMetrics::RequestMetrics(ServerMetrics& server, const Usage& prompt, Time arrived)
    : m_server(server),
      m_prompt_tokens(prompt.prompt_tokens),
      m_cached_tokens(prompt.cached_prompt_tokens),
      m_arrived(arrived) {}

RequestMetrics::~RequestMetrics() {
  if (!m_ended) {
    ++m_server.ended[static_cast<std::size_t>(RequestEnd::abort)];
  }
  m_server.tokens_held -= m_held;
}

void RequestMetrics::begin(Time now) {
  m_begun = now;
  m_held = m_prompt_tokens;
  m_server.tokens_held += m_held;
  m_server.prefix_queries += m_prompt_tokens;
  m_server.prefix_hits += m_cached_tokens;
  m_server.queue.observe(seconds(now - m_arrived));
}

void RequestMetrics::progress(std::uint64_t tokens, Time now) {
  if (tokens == m_tokens) {
    return;
  }
  const std::uint64_t fresh = tokens - m_tokens;
  if (m_tokens == 0) {
    m_first = now;
    m_server.prompt_tokens += m_prompt_tokens;
    m_server.ttft.observe(seconds(now - m_arrived));
    m_server.prefill.observe(seconds(now - m_begun));
  } else {
    m_server.itl.observe(seconds(now - m_last));
  }
  m_tokens = tokens;
  m_last = now;
  m_held += fresh;
  m_server.tokens_held += fresh;
  m_server.generation_tokens += fresh;
}

void RequestMetrics::end(std::optional<FinishReason> reason, Time now) {
  m_ended = true;
  if (m_tokens == 0) {
    m_server.prompt_tokens += m_prompt_tokens;
  }
  ++m_server.ended[static_cast<std::size_t>(request_end(reason))];
  m_server.e2e.observe(seconds(now - m_arrived));
  m_server.inference.observe(seconds(now - m_begun));
  m_server.prompt_lengths.observe(static_cast<double>(m_prompt_tokens));
  m_server.generation_lengths.observe(static_cast<double>(m_tokens));
  if (m_tokens > 0) {
    m_server.decode.observe(seconds(m_last - m_first));
  }
  if (m_tokens > 1) {
    m_server.time_per_token.observe(seconds(m_last - m_first) / static_cast<double>(m_tokens - 1));
  }
}

}  // namespace inferometer::sim
