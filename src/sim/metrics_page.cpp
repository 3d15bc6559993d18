#include "sim/server_metrics.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <utility>

namespace inferometer::sim {
namespace {

/// A counter or gauge. Rows of one name, which differ by their labels, stand together.
struct ValueRow {
  std::string_view name;
  std::string_view type;
  std::string_view help;
  double (*read)(const ServerState& state);
  std::string_view label = "";  ///< in addition to those of all
};

struct HistogramRow {
  std::string_view name;
  std::string_view help;
  Histogram ServerMetrics::*histogram;
};

/// What one kind of server shows, and what it calls it.
struct Kind {
  std::string_view prefix;
  std::span<const ValueRow> values;
  std::span<const HistogramRow> histograms;
};

constexpr std::string_view k_counter = "counter";
constexpr std::string_view k_gauge = "gauge";

double number(std::uint64_t count) {
  return static_cast<double>(count);
}

double running(const ServerState& state) {
  return number(state.running);
}
double waiting(const ServerState& state) {
  return number(state.waiting);
}
double cache_usage(const ServerState& state) {
  return std::min(number(state.metrics.tokens_held) / number(ServerMetrics::k_capacity_tokens),
                  1.0);
}
double prefix_queries(const ServerState& state) {
  return number(state.metrics.prefix_queries);
}
double prefix_hits(const ServerState& state) {
  return number(state.metrics.prefix_hits);
}
double hit_rate(const ServerState& state) {
  return state.metrics.prefix_queries == 0 ? 0 : prefix_hits(state) / prefix_queries(state);
}
double prompt_tokens(const ServerState& state) {
  return number(state.metrics.prompt_tokens);
}
double generation_tokens(const ServerState& state) {
  return number(state.metrics.generation_tokens);
}
double zero(const ServerState& /*state*/) {
  return 0;
}

template <RequestEnd... Ends>
double ended(const ServerState& state) {
  return number((state.metrics.ended[static_cast<std::size_t>(Ends)] + ...));
}
constexpr auto k_ended_well = ended<RequestEnd::stop, RequestEnd::length>;
constexpr auto k_ended_anyhow =
    ended<RequestEnd::stop, RequestEnd::length, RequestEnd::abort, RequestEnd::error>;

template <Histogram ServerMetrics::*Member>
double sum(const ServerState& state) {
  return (state.metrics.*Member).sum();
}

constexpr std::array k_vllm_values{
    ValueRow{"num_requests_running", k_gauge, "Requests in model execution batches.", running},
    ValueRow{"num_requests_waiting", k_gauge, "Requests waiting to be processed.", waiting},
    ValueRow{"kv_cache_usage_perc", k_gauge, "KV-cache usage, 1 means 100 percent.", cache_usage},
    ValueRow{"prefix_cache_queries_total", k_counter, "Tokens looked up in the prefix cache.",
             prefix_queries},
    ValueRow{"prefix_cache_hits_total", k_counter, "Tokens found in the prefix cache.",
             prefix_hits},
    ValueRow{"prompt_tokens_total", k_counter, "Prefill tokens processed.", prompt_tokens},
    ValueRow{"generation_tokens_total", k_counter, "Generation tokens processed.",
             generation_tokens},
    ValueRow{"prompt_tokens_cached_total", k_counter, "Prompt tokens that were cached.",
             prefix_hits},
    ValueRow{"num_preemptions_total", k_counter, "Preemptions of the engine.", zero},
    ValueRow{"request_success_total", k_counter, "Requests processed.", ended<RequestEnd::stop>,
             R"(finished_reason="stop")"},
    ValueRow{"request_success_total", k_counter, "", ended<RequestEnd::length>,
             R"(finished_reason="length")"},
    ValueRow{"request_success_total", k_counter, "", ended<RequestEnd::abort>,
             R"(finished_reason="abort")"},
    ValueRow{"request_success_total", k_counter, "", ended<RequestEnd::error>,
             R"(finished_reason="error")"},
};
constexpr std::array k_vllm_histograms{
    HistogramRow{"time_to_first_token_seconds", "Time to first token.", &ServerMetrics::ttft},
    HistogramRow{"inter_token_latency_seconds", "Inter-token latency.", &ServerMetrics::itl},
    HistogramRow{"request_time_per_output_token_seconds", "Mean time per output token.",
                 &ServerMetrics::time_per_token},
    HistogramRow{"e2e_request_latency_seconds", "End-to-end latency.", &ServerMetrics::e2e},
    HistogramRow{"request_queue_time_seconds", "Time in the waiting phase.", &ServerMetrics::queue},
    HistogramRow{"request_prefill_time_seconds", "Time in the prefill phase.",
                 &ServerMetrics::prefill},
    HistogramRow{"request_decode_time_seconds", "Time in the decode phase.",
                 &ServerMetrics::decode},
    HistogramRow{"request_inference_time_seconds", "Time in the running phase.",
                 &ServerMetrics::inference},
    HistogramRow{"request_prompt_tokens", "Prefill tokens of a request.",
                 &ServerMetrics::prompt_lengths},
    HistogramRow{"request_generation_tokens", "Generation tokens of a request.",
                 &ServerMetrics::generation_lengths},
};

constexpr std::array k_sglang_values{
    ValueRow{"num_running_reqs", k_gauge, "Running requests.", running},
    ValueRow{"num_queue_reqs", k_gauge, "Requests in the waiting queue.", waiting},
    ValueRow{"num_used_tokens", k_gauge, "Tokens in use.",
             [](const ServerState& state) { return number(state.metrics.tokens_held); }},
    ValueRow{"max_total_num_tokens", k_gauge, "Tokens that fit into the KV cache.",
             [](const ServerState&) { return number(ServerMetrics::k_capacity_tokens); }},
    ValueRow{"token_usage", k_gauge, "Token usage, from 0 to 1.", cache_usage},
    ValueRow{"cache_hit_rate", k_gauge, "Prefix cache hit rate.", hit_rate},
    ValueRow{"prompt_tokens_total", k_counter, "Prefill tokens processed.", prompt_tokens},
    ValueRow{"generation_tokens_total", k_counter, "Generation tokens processed.",
             generation_tokens},
    ValueRow{"cached_tokens_total", k_counter, "Cached prompt tokens.", prefix_hits,
             R"(cache_source="total")"},
    ValueRow{"num_requests_total", k_counter, "Requests processed.", k_ended_anyhow},
    ValueRow{"num_aborted_requests_total", k_counter, "Requests aborted.",
             ended<RequestEnd::abort>},
};
constexpr std::array k_sglang_histograms{
    HistogramRow{"time_to_first_token_seconds", "Time to first token.", &ServerMetrics::ttft},
    HistogramRow{"inter_token_latency_seconds", "Inter-token latency.", &ServerMetrics::itl},
    HistogramRow{"e2e_request_latency_seconds", "End-to-end latency.", &ServerMetrics::e2e},
    HistogramRow{"queue_time_seconds", "Time in the waiting queue.", &ServerMetrics::queue},
};

constexpr std::array k_tgi_values{
    ValueRow{"batch_current_size", k_gauge, "Requests in the current batch.", running},
    ValueRow{"queue_size", k_gauge, "Requests in the queue.", waiting},
    ValueRow{"request_count", k_counter, "Requests.", k_ended_anyhow},
    ValueRow{"request_success", k_counter, "Requests that were answered.", k_ended_well},
    ValueRow{"request_failure", k_counter, "Requests that failed.", ended<RequestEnd::error>,
             R"(err="generation")"},
    ValueRow{"request_failure", k_counter, "", ended<RequestEnd::abort>, R"(err="dropped")"},
};
constexpr std::array k_tgi_histograms{
    HistogramRow{"request_duration", "Seconds for a request.", &ServerMetrics::e2e},
    HistogramRow{"request_queue_duration", "Seconds in the queue.", &ServerMetrics::queue},
    HistogramRow{"request_inference_duration", "Seconds of inference.", &ServerMetrics::inference},
    HistogramRow{"request_mean_time_per_token_duration", "Mean seconds per token.",
                 &ServerMetrics::time_per_token},
    HistogramRow{"request_input_length", "Prompt tokens of a request.",
                 &ServerMetrics::prompt_lengths},
    HistogramRow{"request_generated_tokens", "Generated tokens of a request.",
                 &ServerMetrics::generation_lengths},
};

constexpr std::array k_llamacpp_values{
    ValueRow{"prompt_tokens_total", k_counter, "Prompt tokens processed.", prompt_tokens},
    ValueRow{"prompt_seconds_total", k_counter, "Prompt process time.",
             sum<&ServerMetrics::prefill>},
    ValueRow{"tokens_predicted_total", k_counter, "Generation tokens processed.",
             generation_tokens},
    ValueRow{"tokens_predicted_seconds_total", k_counter, "Predict process time.",
             sum<&ServerMetrics::decode>},
    ValueRow{"requests_processing", k_gauge, "Requests processing.", running},
    ValueRow{"requests_deferred", k_gauge, "Requests deferred.", waiting},
};

Kind describe(MetricsKind kind) {
  switch (kind) {
    case MetricsKind::vllm:
      return {"vllm:", k_vllm_values, k_vllm_histograms};
    case MetricsKind::sglang:
      return {"sglang:", k_sglang_values, k_sglang_histograms};
    case MetricsKind::tgi:
      return {"tgi_", k_tgi_values, k_tgi_histograms};
    case MetricsKind::llamacpp:
      return {"llamacpp:", k_llamacpp_values, {}};
  }
  return {};
}

/// The labels of every series of that kind.
std::string common_labels(MetricsKind kind, std::string_view model) {
  switch (kind) {
    case MetricsKind::vllm:
      return fmt::format(R"(engine="0",model_name="{}")", model);
    case MetricsKind::sglang:
      return fmt::format(R"(engine_type="unified",model_name="{}",pp_rank="0",tp_rank="0")", model);
    case MetricsKind::tgi:
    case MetricsKind::llamacpp:
      return "";
  }
  return "";
}

/// The memory that this process has in use, in bytes; 0 if it cannot be told.
double resident_memory() {
  std::ifstream statm("/proc/self/statm");
  double size = 0;
  double pages = 0;
  statm >> size >> pages;
  return pages * static_cast<double>(sysconf(_SC_PAGESIZE));
}

class Page {
 public:
  Page(std::string_view prefix, std::string labels)
      : m_prefix(prefix), m_labels(std::move(labels)) {}

  void describe(std::string_view name, std::string_view help, std::string_view type) {
    fmt::format_to(out(), "# HELP {0}{1} {2}\n# TYPE {0}{1} {3}\n", m_prefix, name, help, type);
  }

  void sample(std::string_view name, std::string_view suffix, std::string_view label,
              double value) {
    const std::string_view comma = m_labels.empty() || label.empty() ? "" : ",";
    const std::string labels = fmt::format("{}{}{}", m_labels, comma, label);
    fmt::format_to(out(), "{}{}{}", m_prefix, name, suffix);
    if (!labels.empty()) {
      fmt::format_to(out(), "{{{}}}", labels);
    }
    fmt::format_to(out(), " {}\n", value);
  }

  void histogram(std::string_view name, const Histogram& histogram) {
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < histogram.bounds().size(); ++i) {
      below += histogram.counts()[i];
      sample(name, "_bucket", fmt::format(R"(le="{}")", histogram.bounds()[i]), number(below));
    }
    sample(name, "_bucket", R"(le="+Inf")", number(histogram.count()));
    sample(name, "_sum", "", histogram.sum());
    sample(name, "_count", "", number(histogram.count()));
  }

  std::string take() { return std::move(m_text); }

 private:
  std::back_insert_iterator<std::string> out() { return std::back_inserter(m_text); }

  std::string_view m_prefix;
  std::string m_labels;
  std::string m_text;
};

}  // namespace

http::Response render_metrics_page(const ServerState& state) {
  const Kind kind = describe(state.metrics.kind);
  Page page(kind.prefix, common_labels(state.metrics.kind, state.model));
  std::string_view last;
  for (const ValueRow& row : kind.values) {
    if (row.name != last) {
      page.describe(row.name, row.help, row.type);
    }
    last = row.name;
    page.sample(row.name, "", row.label, row.read(state));
  }
  for (const HistogramRow& row : kind.histograms) {
    page.describe(row.name, row.help, "histogram");
    page.histogram(row.name, state.metrics.*row.histogram);
  }
  Page process("", "");
  process.describe("process_resident_memory_bytes", "Resident memory size in bytes.", k_gauge);
  process.sample("process_resident_memory_bytes", "", "", resident_memory());
  return {.status = 200,
          .content_type = "text/plain; version=0.0.4; charset=utf-8",
          .headers = {},
          .body = page.take() + process.take()};
}

}  // namespace inferometer::sim
