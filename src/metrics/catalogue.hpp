#pragma once

#include "metrics/edges.hpp"

#include <prometheus/metric_family.h>

#include <span>
#include <stdexcept>
#include <string_view>

/// Every metric of the daemon in one table: it serves the scrape, docs/metrics.md and its test.
namespace inferometer::metrics {

struct Metric {
  std::string_view name;
  prometheus::MetricType type = prometheus::MetricType::Untyped;
  std::span<const std::string_view> labels{};  ///< all of them, in the order of exposition
  std::string_view help;
  std::span<const double> edges{};  ///< the buckets of a histogram
};

inline constexpr auto k_counter = prometheus::MetricType::Counter;
inline constexpr auto k_gauge = prometheus::MetricType::Gauge;
inline constexpr auto k_histogram = prometheus::MetricType::Histogram;

inline constexpr std::string_view k_by_target[]{"provider", "model", "workload"};
inline constexpr std::string_view k_by_phase[]{"provider", "model", "workload", "phase"};
inline constexpr std::string_view k_by_reason[]{"provider", "model", "workload", "reason"};
inline constexpr std::string_view k_by_kind[]{"provider", "model", "workload", "kind"};
inline constexpr std::string_view k_by_build[]{"compiler", "version"};
inline constexpr std::span<const std::string_view> k_unlabelled;

/// In the order of exposition. No suspect attempt is in a histogram, though the help does not
/// repeat it.
inline constexpr Metric k_catalogue[]{
    {"llm_probe_ttft_seconds", k_histogram, k_by_target,
     "Time to first token of successful attempts: from the first byte of the request to the first "
     "visible text.",
     k_ttft_edges},
    {"llm_probe_first_reasoning_seconds", k_histogram, k_by_target,
     "Time to first reasoning text of successful attempts, from the first byte of the request.",
     k_first_reasoning_edges},
    {"llm_probe_inter_token_latency_seconds", k_histogram, k_by_target,
     "Gaps between consecutive content arrivals of successful attempts.", k_inter_token_edges},
    {"llm_probe_time_per_output_token_seconds", k_histogram, k_by_target,
     "Mean time per visible token after the first: one sample for each successful attempt with "
     "usage.",
     k_per_token_edges},
    {"llm_probe_duration_seconds", k_histogram, k_by_target,
     "Whole duration of successful attempts, connection set-up included.", k_duration_edges},
    {"llm_probe_phase_seconds", k_histogram, k_by_phase,
     "Phases of successful attempts up to the first byte of the response body.", k_phase_edges},
    {"llm_probe_output_tokens_per_second", k_histogram, k_by_target,
     "Visible tokens per second of one stream: one sample for each successful attempt with usage.",
     k_speed_edges},
    {"llm_probe_attempts_total", k_counter, k_by_target,
     "Finished attempts, whatever their outcome."},
    {"llm_probe_failures_total", k_counter, k_by_reason,
     "Failed attempts by outcome; internal_error is our own and no fault of the provider."},
    {"llm_probe_skipped_total", k_counter, k_by_reason,
     "Ticks of the schedule that started no attempt."},
    {"llm_probe_stalls_total", k_counter, k_by_target,
     "Gaps between content arrivals that were longer than the stall threshold of the workload."},
    {"llm_probe_coalesced_total", k_counter, k_by_target,
     "Content events of successful attempts that gave no gap, as they shared a read with another."},
    {"llm_probe_suspect_total", k_counter, k_by_target,
     "Attempts during which we ourselves were late: they are in no histogram."},
    {"llm_probe_tokens_total", k_counter, k_by_kind,
     "Tokens as the provider reported them, of all attempts; input and output include their "
     "parts."},
    {"llm_probe_usage_missing_total", k_counter, k_by_target,
     "Successful attempts whose provider reported no token usage."},
    {"llm_probe_success", k_gauge, k_by_target,
     "Whether the last attempt succeeded; absent before the first, unchanged by internal errors."},
    {"llm_probe_last_success_timestamp_seconds", k_gauge, k_by_target,
     "When the last successful attempt ended, as Unix time; absent before the first."},
    {"llm_probe_in_flight", k_gauge, k_by_target, "Attempts that are open now."},
    {"llm_probe_tls_certificate_expiry_timestamp_seconds", k_gauge, k_by_target,
     "When the first certificate of the chain expires, as Unix time; absent until one was seen."},
    {"inferometer_build_info", k_gauge, k_by_build, "Always 1; the labels say what runs."},
    {"inferometer_config_last_reload_successful", k_gauge, k_unlabelled,
     "Whether the configuration could be loaded the last time that this was tried."},
    {"inferometer_config_last_reload_success_timestamp_seconds", k_gauge, k_unlabelled,
     "When the configuration was last loaded, as Unix time; absent before the first time."},
    {"inferometer_schedule_lateness_seconds", k_histogram, k_unlabelled,
     "How long after their scheduled time attempts were started.", k_own_delay_edges},
    {"inferometer_event_loop_lag_seconds", k_histogram, k_unlabelled,
     "How late the event loop of the probes was.", k_own_delay_edges},
    {"process_cpu_seconds_total", k_counter, k_unlabelled,
     "User and system CPU time spent by the process."},
    {"process_open_fds", k_gauge, k_unlabelled, "Open file descriptors of the process."},
    {"process_max_fds", k_gauge, k_unlabelled, "File descriptors that the process may have open."},
    {"process_resident_memory_bytes", k_gauge, k_unlabelled, "Resident memory of the process."},
    {"process_virtual_memory_bytes", k_gauge, k_unlabelled, "Virtual memory of the process."},
    {"process_start_time_seconds", k_gauge, k_unlabelled,
     "When the process was started, as Unix time."},
};

/// The metric of that name; an unknown one does not compile.
consteval const Metric& metric(std::string_view name) {
  for (const Metric& entry : k_catalogue) {
    if (entry.name == name) {
      return entry;
    }
  }
  throw std::invalid_argument("no such metric");
}

/// The metric's family, still without samples.
[[nodiscard]] prometheus::MetricFamily make_family(const Metric& metric);

}  // namespace inferometer::metrics
