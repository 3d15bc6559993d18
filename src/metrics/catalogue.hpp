#pragma once

#include <array>
#include <span>
#include <stdexcept>
#include <string_view>

/// Every metric of the daemon in one table: it serves the scrape, docs/metrics.md and its test.
namespace inferometer::metrics {

// The upper bounds of every histogram's buckets. Literals, so that each prints as it is written
// here. Why these: docs/methodology.md, "Buckets".

/// {1, 1.5, 2, 3, 5, 7} × 10^k seconds: a quantile is off by at most +67 % or −40 %.
inline constexpr std::array k_ttft_edges{
    0.005, 0.007, 0.01, 0.015, 0.02, 0.03, 0.05, 0.07, 0.1,  0.15, 0.2,  0.3,  0.5,   0.7,
    1.0,   1.5,   2.0,  3.0,   5.0,  7.0,  10.0, 15.0, 20.0, 30.0, 50.0, 70.0, 100.0, 120.0};
inline constexpr std::array k_inter_token_edges{0.0003, 0.0005, 0.0007, 0.001, 0.0015, 0.002, 0.003,
                                                0.005,  0.007,  0.01,   0.015, 0.02,   0.03,  0.05,
                                                0.07,   0.1,    0.15,   0.2,   0.3,    0.5,   0.7,
                                                1.0,    1.5,    2.0,    3.0,   5.0,    7.0,   10.0};
inline constexpr std::array k_duration_edges{0.1,  0.15, 0.2,   0.3,   0.5,   0.7,   1.0,   1.5,
                                             2.0,  3.0,  5.0,   7.0,   10.0,  15.0,  20.0,  30.0,
                                             50.0, 70.0, 100.0, 150.0, 200.0, 300.0, 500.0, 600.0};

/// Up to a dozen for the rest: a series is a cost that the user pays.
inline constexpr std::array k_first_reasoning_edges{0.05, 0.1, 0.2,  0.5,  1.0,
                                                    2.0,  5.0, 10.0, 20.0, 60.0};
inline constexpr std::array k_server_ttft_edges{0.005, 0.02, 0.05, 0.1, 0.2,
                                                0.5,   1.0,  2.0,  5.0, 20.0};
inline constexpr std::array k_round_trip_edges{0.0001, 0.0003, 0.001, 0.003, 0.01,
                                               0.03,   0.1,    0.3,   1.0};
inline constexpr std::array k_per_token_edges{0.001, 0.002, 0.005, 0.01, 0.015, 0.02,
                                              0.03,  0.05,  0.07,  0.1,  0.2,   0.5};
inline constexpr std::array k_speed_edges{2.0,  5.0,   10.0,  20.0,  30.0,
                                          50.0, 100.0, 200.0, 500.0, 1000.0};
inline constexpr std::array k_phase_edges{0.001, 0.005, 0.02, 0.1, 0.5, 2.0, 10.0};
inline constexpr std::array k_own_delay_edges{0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005,
                                              0.01,   0.02,   0.05,   0.1,   1.0,   10.0};
inline constexpr std::array k_error_edges{1e-6,  1e-5,  2e-5, 5e-5, 0.0001, 0.0002, 0.0005,
                                          0.001, 0.005, 0.02, 0.1,  1.0,    10.0};

enum class MetricType { counter, gauge, histogram, summary };

struct Metric {
  std::string_view name;
  MetricType type = MetricType::gauge;
  std::span<const std::string_view> labels{};  ///< all of them, in the order of exposition
  std::string_view help;
  std::span<const double> edges{};  ///< of a histogram's classic buckets, without +Inf
};

inline constexpr auto k_counter = MetricType::counter;
inline constexpr auto k_gauge = MetricType::gauge;
inline constexpr auto k_histogram = MetricType::histogram;
inline constexpr auto k_summary = MetricType::summary;

inline constexpr std::string_view k_by_target[]{"provider", "model", "workload"};
inline constexpr std::string_view k_by_model[]{"provider", "model"};
inline constexpr std::string_view k_by_phase[]{"provider", "model", "workload", "phase"};
inline constexpr std::string_view k_by_reason[]{"provider", "model", "workload", "reason"};
inline constexpr std::string_view k_by_outcome[]{"provider", "model", "workload", "outcome"};
inline constexpr std::string_view k_by_resource[]{"provider", "model", "workload", "resource"};
inline constexpr std::string_view k_by_kind[]{"provider", "model", "workload", "kind"};
inline constexpr std::string_view k_by_slo[]{"provider", "model", "workload", "slo"};
inline constexpr std::string_view k_by_sli[]{"provider", "model", "workload", "slo", "sli"};
inline constexpr std::string_view k_by_server[]{"provider", "kind"};
inline constexpr std::string_view k_by_build[]{"branch", "compiler", "revision", "version"};
inline constexpr std::string_view k_by_source[]{"source"};
inline constexpr std::string_view k_by_refusal[]{"reason"};
inline constexpr std::span<const std::string_view> k_unlabelled;

/// In the order of exposition. No suspect attempt is in a histogram of a probe's, though the help
/// does not repeat it.
inline constexpr Metric k_catalogue[]{
    {"llm_probe_ttft_seconds", k_histogram, k_by_target,
     "Time to first token of successful attempts: from the first byte of the request to the first "
     "visible text.",
     k_ttft_edges},
    {"llm_probe_server_ttft_seconds", k_histogram, k_by_target,
     "Time to first token of successful attempts less the round trip to the host that acknowledged "
     "the request; none where a segment of ours was lost.",
     k_server_ttft_edges},
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
    {"llm_probe_tcp_rtt_seconds", k_histogram, k_by_target,
     "Smoothed round-trip time of the connection at the end of attempts, failed ones included, as "
     "the kernel knows it.",
     k_round_trip_edges},
    {"llm_probe_attempts_total", k_counter, k_by_target,
     "Finished attempts, whatever their outcome."},
    {"llm_probe_failures_total", k_counter, k_by_reason,
     "Failed attempts by outcome; internal_error is our own and no fault of the provider."},
    {"llm_probe_skipped_total", k_counter, k_by_reason,
     "Ticks of the schedule that started no attempt."},
    {"llm_probe_on_demand_total", k_counter, k_by_target,
     "Attempts that /probe was asked for: they are in the tokens and in nothing else."},
    {"llm_probe_stalls_total", k_counter, k_by_target,
     "Gaps between content arrivals that were longer than the stall threshold of the workload."},
    {"llm_probe_coalesced_total", k_counter, k_by_target,
     "Content events of successful attempts that gave no gap, as they shared an arrival with "
     "another."},
    {"llm_probe_gaps_lost_total", k_counter, k_by_target,
     "Gaps between content arrivals of successful attempts that were no samples, as our own delay "
     "left too much open."},
    {"llm_probe_buffered_total", k_counter, k_by_target,
     "Successful attempts whose text came at once, collected on the way: they have no gaps, time "
     "per token and speed."},
    {"llm_probe_suspect_total", k_counter, k_by_outcome,
     "Attempts whose main figure our own delay left too inexact, by outcome: they are in no "
     "histogram."},
    {"llm_probe_tcp_retransmissions_total", k_counter, k_by_target,
     "TCP segments of attempts that we had to send again."},
    {"llm_probe_tcp_out_of_order_total", k_counter, k_by_target,
     "TCP segments of attempts that came behind a gap: one before them was lost or late."},
    {"llm_probe_retries_total", k_counter, k_by_target,
     "Finished attempts that repeated a failed one; they are among the attempts too."},
    {"llm_probe_tokens_total", k_counter, k_by_kind,
     "Tokens as the provider reported them, of all attempts; input and output include their "
     "parts."},
    {"llm_probe_usage_missing_total", k_counter, k_by_reason,
     "Successful attempts whose visible tokens the provider's report does not tell."},
    {"llm_probe_slo_bad_events_total", k_counter, k_by_slo,
     "Attempts that failed or missed a condition of the SLO."},
    {"llm_probe_slo_events_total", k_counter, k_by_slo,
     "Attempts that the SLO judged, good ones and bad ones."},
    {"llm_probe_slo_not_judged_total", k_counter, k_by_slo,
     "Attempts that are no events of the SLO: suspect ones, internal errors, and successes without "
     "a figure that it needs."},
    {"llm_probe_slo_objective_ratio", k_gauge, k_by_slo,
     "Share of the events that shall be good, 0 to 1."},
    {"llm_probe_slo_threshold_seconds", k_gauge, k_by_sli,
     "Up to which latency an attempt meets the condition of the SLO."},
    {"llm_probe_slo_threshold_tokens_per_second", k_gauge, k_by_slo,
     "From which output speed on an attempt meets the condition of the SLO."},
    {"llm_probe_success", k_gauge, k_by_target,
     "Whether the last attempt succeeded; absent before the first, unchanged by internal errors "
     "but "
     "for missing credentials."},
    {"llm_probe_last_success_timestamp_seconds", k_gauge, k_by_target,
     "When the last successful attempt ended, as Unix time; absent before the first."},
    {"llm_probe_in_flight", k_gauge, k_by_target, "Attempts that are open now."},
    {"llm_probe_held_until_timestamp_seconds", k_gauge, k_by_model,
     "Until when nothing is asked of the model since the provider refused, as Unix time, which may "
     "have passed; absent if it never did."},
    {"llm_probe_ratelimit_limit", k_gauge, k_by_resource,
     "What the provider last said that may be asked of the resource; absent until it did."},
    {"llm_probe_ratelimit_remaining", k_gauge, k_by_resource,
     "What the provider last said that is left of the limit; absent until it did."},
    {"llm_probe_tls_certificate_expiry_timestamp_seconds", k_gauge, k_by_target,
     "When the first certificate of the chain expires, as Unix time; absent until one was seen."},
    {"llm_server_up", k_gauge, k_by_server,
     "Whether the last scrape of the server's own metrics succeeded; absent before the first."},
    {"llm_server_scrape_duration_seconds", k_gauge, k_by_server,
     "How long the last scrape took, connection set-up included."},
    {"llm_server_requests_running", k_gauge, k_by_server, "Requests that the server works on."},
    {"llm_server_requests_waiting", k_gauge, k_by_server,
     "Requests that wait in the server's queue."},
    {"llm_server_kv_cache_usage_ratio", k_gauge, k_by_server,
     "Share of the KV cache in use, 0 to 1; that of the fullest engine where there are several."},
    {"llm_server_kv_cache_used_tokens", k_gauge, k_by_server, "Tokens in the KV cache."},
    {"llm_server_kv_cache_capacity_tokens", k_gauge, k_by_server,
     "Tokens that the KV cache can hold."},
    {"llm_server_prefix_cache_queries_total", k_counter, k_by_server,
     "Prompt tokens that were looked up in the prefix cache."},
    {"llm_server_prefix_cache_hits_total", k_counter, k_by_server,
     "Prompt tokens that the prefix cache had."},
    {"llm_server_prefix_cache_hit_ratio", k_gauge, k_by_server,
     "Share of prompt tokens that the prefix cache had, by the server's own reckoning; only where "
     "it does not count hits."},
    {"llm_server_prompt_tokens_total", k_counter, k_by_server,
     "Prompt tokens, those from the prefix cache among them where the server counts these."},
    {"llm_server_generation_tokens_total", k_counter, k_by_server, "Generated tokens."},
    {"llm_server_preemptions_total", k_counter, k_by_server,
     "Running requests that were put back into the queue for want of KV cache."},
    {"llm_server_resident_memory_bytes", k_gauge, k_by_server,
     "Resident memory of the server's process that shows the metrics; not of the GPU."},
    {"llm_server_ttft_seconds", k_summary, k_by_server,
     "Time to first token of the server's requests, from their arrival at it."},
    {"llm_server_queue_time_seconds", k_summary, k_by_server,
     "Wait of the server's requests in its queue."},
    {"llm_server_prefill_time_seconds", k_summary, k_by_server,
     "Time of the server's requests from the end of the queue to the first token."},
    {"llm_server_decode_time_seconds", k_summary, k_by_server,
     "Time of the server's requests from the first token to the last."},
    {"llm_server_inference_time_seconds", k_summary, k_by_server,
     "Time of the server's requests from the end of the queue to the last token."},
    {"llm_server_inter_token_latency_seconds", k_summary, k_by_server,
     "Gaps between two tokens of a stream of the server's; each gap counts once."},
    {"llm_server_time_per_output_token_seconds", k_summary, k_by_server,
     "Mean times per output token of the server's requests; each request counts once."},
    {"llm_server_duration_seconds", k_summary, k_by_server,
     "Duration of the server's requests, from their arrival at it."},
    {"llm_server_prefill_seconds_total", k_counter, k_by_server,
     "Time that the server spent on prompts; only where it does not count requests."},
    {"llm_server_decode_seconds_total", k_counter, k_by_server,
     "Time from the first token of a request to its last, of all requests together; only where the "
     "server does not count requests."},
    {"inferometer_build_info", k_gauge, k_by_build, "Always 1; the labels say what runs."},
    {"inferometer_config_last_reload_successful", k_gauge, k_unlabelled,
     "Whether the configuration could be loaded the last time that this was tried."},
    {"inferometer_config_last_reload_success_timestamp_seconds", k_gauge, k_unlabelled,
     "When the configuration was last loaded, as Unix time; absent before the first time."},
    {"inferometer_config_hash", k_gauge, k_unlabelled,
     "A hash of the configuration in force, secrets left out: the same on all shards of a set; "
     "absent until it is known."},
    {"inferometer_shard_index", k_gauge, k_unlabelled,
     "Which of the shards this daemon is, from 0; 0 where there is one."},
    {"inferometer_shards", k_gauge, k_unlabelled,
     "How many shards share the probes of the configuration."},
    {"inferometer_shard_targets", k_gauge, k_unlabelled, "Targets that this daemon probes."},
    {"inferometer_web_config_last_reload_successful", k_gauge, k_unlabelled,
     "Whether the web configuration, the files that it names included, could be loaded the last "
     "time that it had changed; absent without one."},
    {"inferometer_web_certificate_expiry_timestamp_seconds", k_gauge, k_unlabelled,
     "When the first of the certificates that the web server shows ends, as Unix time; absent "
     "without TLS."},
    {"inferometer_web_refused_total", k_counter, k_by_refusal,
     "Web clients that were not let in, by why: no or a wrong password, too many passwords at "
     "once, the rate limit, a handshake that failed."},
    {"inferometer_schedule_lateness_seconds", k_histogram, k_unlabelled,
     "How long after their scheduled time attempts were started.", k_own_delay_edges},
    {"inferometer_event_loop_lag_seconds", k_histogram, k_unlabelled,
     "How late the event loop of the probes was.", k_own_delay_edges},
    {"inferometer_error_bound_seconds", k_histogram, k_unlabelled,
     "Error bounds of the time to first token of all attempts that have one, suspect ones "
     "included.",
     k_error_edges},
    {"inferometer_measurement_error_seconds", k_histogram, k_unlabelled,
     "Our stamp of an event less its true send time, for ten events on loopback every five "
     "minutes.",
     k_error_edges},
    {"inferometer_stamps_total", k_counter, k_by_source,
     "Attempts with a response, by whose clock reading its stamps are: the kernel's own, or ours "
     "after the read."},
    {"inferometer_cpu_throttled_seconds_total", k_counter, k_unlabelled,
     "Time for which CPU quotas stopped the control groups of the daemon, its own and the visible "
     "ancestors, summed over groups and CPUs."},
    {"inferometer_cpu_throttled_periods_total", k_counter, k_unlabelled,
     "Enforcement periods in which one of these control groups had used up its CPU quota."},
    {"inferometer_cpu_periods_total", k_counter, k_unlabelled,
     "Enforcement periods of the CPU quotas of these control groups that have elapsed."},
    {"inferometer_log_lines_dropped_total", k_counter, k_unlabelled,
     "Lines of the log that were lost, as they were not read in time."},
    {"process_cpu_seconds_total", k_counter, k_unlabelled,
     "User and system CPU time spent by the process."},
    {"process_open_fds", k_gauge, k_unlabelled, "Open file descriptors of the process."},
    {"process_max_fds", k_gauge, k_unlabelled, "File descriptors that the process may have open."},
    {"process_resident_memory_bytes", k_gauge, k_unlabelled, "Resident memory of the process."},
    {"process_virtual_memory_bytes", k_gauge, k_unlabelled, "Virtual memory of the process."},
    {"process_start_time_seconds", k_gauge, k_unlabelled,
     "When the process was started, as Unix time."},
};

inline constexpr std::string_view k_by_phase_alone[]{"phase"};
inline constexpr std::string_view k_by_kind_alone[]{"kind"};
inline constexpr std::string_view k_by_outcome_alone[]{"outcome"};

/// What /probe shows, in the order of exposition: none of these names is in k_catalogue. Those that
/// blackbox_exporter has too mean here what they mean there.
inline constexpr Metric k_on_demand_catalogue[]{
    {"probe_success", k_gauge, k_unlabelled, "Whether the attempt succeeded."},
    {"probe_duration_seconds", k_gauge, k_unlabelled, "How long the attempt took."},
    {"probe_llm_outcome_info", k_gauge, k_by_outcome_alone, "How the attempt ended."},
    {"probe_llm_ttft_seconds", k_gauge, k_unlabelled,
     "Time to first token: from the first byte of the request to the first visible text."},
    {"probe_llm_server_ttft_seconds", k_gauge, k_unlabelled,
     "Time to first token less the round trip to the host that acknowledged the request."},
    {"probe_llm_first_reasoning_seconds", k_gauge, k_unlabelled,
     "Time to the first reasoning text, from the first byte of the request."},
    {"probe_llm_time_per_output_token_seconds", k_gauge, k_unlabelled,
     "Mean time per visible token after the first."},
    {"probe_llm_output_tokens_per_second", k_gauge, k_unlabelled,
     "Visible tokens per second after the first."},
    {"probe_llm_phase_seconds", k_gauge, k_by_phase_alone,
     "Phases of the attempt up to the first byte of the response body."},
    {"probe_llm_tokens", k_gauge, k_by_kind_alone,
     "Tokens that the provider reported; input and output include their parts."},
    {"probe_llm_suspect", k_gauge, k_unlabelled,
     "Whether this host was too slow to measure the attempt; then its latencies are left out."},
    {"probe_llm_error_bound_seconds", k_gauge, k_unlabelled,
     "By how much the time to first token, or the duration without one, can be wrong through us."},
    {"probe_http_status_code", k_gauge, k_unlabelled,
     "Status of the HTTP response; 0 if there was none."},
    {"probe_ssl_earliest_cert_expiry", k_gauge, k_unlabelled,
     "When the certificate that ends first does, as Unix time."},
};

/// The metric of that name in a catalogue; an unknown one does not compile.
consteval const Metric& find_metric(std::span<const Metric> catalogue, std::string_view name) {
  for (const Metric& entry : catalogue) {
    if (entry.name == name) {
      return entry;
    }
  }
  throw std::invalid_argument("no such metric");
}
consteval const Metric& metric(std::string_view name) {
  return find_metric(k_catalogue, name);
}
consteval const Metric& on_demand_metric(std::string_view name) {
  return find_metric(k_on_demand_catalogue, name);
}

}  // namespace inferometer::metrics
