#include "measure/derive.hpp"
#include "measure/render.hpp"
#include "measure/trust.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>

namespace inferometer::measure {
namespace {

using nlohmann::ordered_json;

void put(ordered_json& object, const char* name, std::optional<Duration> span) {
  if (span) {
    object[name] = base::seconds(*span);
  }
}

std::optional<Duration> above_zero(Duration span) {
  return span > Duration::zero() ? std::optional(span) : std::nullopt;
}

ordered_json rate_limits_json(const std::vector<RateLimit>& limits) {
  auto all = ordered_json::array();
  for (const RateLimit& limit : limits) {
    ordered_json one{{"resource", to_string(limit.resource)}};
    if (limit.limit) {
      one["limit"] = *limit.limit;
    }
    if (limit.remaining) {
      one["remaining"] = *limit.remaining;
    }
    if (limit.reset) {
      one["reset_seconds"] = base::seconds(*limit.reset);
    }
    all.push_back(std::move(one));
  }
  return all;
}

ordered_json tcp_json(const TcpStats& tcp) {
  return {{"rtt_seconds", base::seconds(tcp.rtt)},
          {"min_rtt_seconds", base::seconds(tcp.min_rtt)},
          {"retransmissions", tcp.retransmissions},
          {"out_of_order", tcp.out_of_order}};
}

ordered_json connection_json(const Measurement& measurement) {
  const Connection& connection = measurement.connection;
  ordered_json json{{"remote_address", connection.remote_address},
                    {"http_version", connection.http_version},
                    {"reused", connection.reused}};
  if (connection.certificate_expiry) {
    json["certificate_expiry"] = wall_clock(*connection.certificate_expiry);
  }
  if (measurement.timeline.headers) {
    json["stamps"] = to_string(connection.stamps);
  }
  if (connection.tcp) {
    json["tcp"] = tcp_json(*connection.tcp);
  }
  return json;
}

ordered_json usage_json(const TokenUsage& usage) {
  auto json = ordered_json::object();
  const auto put_count = [&json](const char* name, std::optional<std::uint64_t> count) {
    if (count) {
      json[name] = *count;
    }
  };
  put_count("input", usage.input);
  put_count("cached_input", usage.cached_input);
  put_count("output", usage.output);
  put_count("reasoning", usage.reasoning);
  return json;
}

/// What every attempt has.
ordered_json facts_json(const Measurement& measurement) {
  return {
      {"id", measurement.id},
      {"started_at", wall_clock(measurement.started_at)},
      {"provider", measurement.target.provider},
      {"model", measurement.target.model},
      {"workload", measurement.target.workload},
      {"outcome", to_string(measurement.outcome)},
      {"detail", measurement.detail},
      {"attempt", measurement.attempt},
      {"streamed", measurement.streamed},
      {"suspect", measurement.suspect},
      {"buffered", is_buffered(measurement)},
      {"event_loop_lag_seconds", base::seconds(measurement.event_loop_lag)},
      {"lateness_seconds", base::seconds(lateness(measurement))},
      {"connection", connection_json(measurement)},
      {"content_events", measurement.content_events},
      {"coalesced", measurement.coalesced},
      {"gaps_lost", lost_gaps(measurement)},
      {"stalls", stalls(measurement)},
      {"max_error_seconds", base::seconds(measurement.max_error)},
  };
}

/// What the response told, as far as it did.
void put_response(ordered_json& json, const Measurement& measurement) {
  if (measurement.http_status != 0) {
    json["http_status"] = measurement.http_status;
  }
  if (!measurement.request_id.empty()) {
    json["request_id"] = measurement.request_id;
  }
  if (!measurement.rate_limits.empty()) {
    json["rate_limits"] = rate_limits_json(measurement.rate_limits);
  }
  put(json, "retry_after_seconds", measurement.retry_after);
  if (measurement.finish_reason) {
    json["finish_reason"] = to_string(*measurement.finish_reason);
  }
  if (measurement.usage) {
    json["usage"] = usage_json(*measurement.usage);
  }
}

void put_bounds(ordered_json& json, const Measurement& measurement) {
  const ErrorBounds bounds = error_bounds(measurement);
  ordered_json all = ordered_json::object();
  put(all, "ttft", bounds.ttft);
  put(all, "server_ttft", bounds.server_ttft);
  put(all, "first_reasoning", bounds.first_reasoning);
  put(all, "duration", bounds.duration);
  put(all, "text_span", bounds.text_span);
  if (!all.empty()) {
    json["error_bounds_seconds"] = std::move(all);
  }
  const auto& arrivals = measurement.content_arrivals;
  if (std::ranges::any_of(arrivals,
                          [](const Arrival& one) { return one.first_slack.count() > 0; })) {
    for (const Arrival& arrival : arrivals) {
      json["content_arrival_slacks"].push_back(
          {base::seconds(arrival.first_slack), base::seconds(arrival.last_slack)});
    }
  }
}

/// The same figures of the gaps as the timeline shows; empty where there are no samples.
ordered_json gaps_json(const Measurement& measurement) {
  std::vector<double> gaps;
  for (const Duration gap : inter_token_latencies(measurement)) {
    gaps.push_back(base::seconds(gap));
  }
  if (gaps.empty()) {
    return ordered_json::object();
  }
  return {{"count", gaps.size()},
          {"p50", *quantile(gaps, 0.5)},
          {"p99", *quantile(gaps, 0.99)},
          {"max", *quantile(gaps, 1.0)}};
}

void put_times(ordered_json& json, const Measurement& measurement) {
  const MonotonicTime started = measurement.timeline.started;
  for (const Mark& mark : reached_marks(measurement.timeline)) {
    json["timeline"][std::string(mark.name)] = base::seconds(*mark.when - started);
  }
  for (const Arrival& arrival : measurement.content_arrivals) {
    json["content_arrivals"].push_back(base::seconds(arrival.at - started));
  }
  put(json, "token_wait_seconds", above_zero(measurement.token_wait));
  put(json, "ttft_seconds", time_to_first_token(measurement));
  put(json, "server_ttft_seconds", server_time_to_first_token(measurement));
  put(json, "first_reasoning_seconds", time_to_first_reasoning(measurement));
  if (auto gaps = gaps_json(measurement); !gaps.empty()) {
    json["inter_token_latency_seconds"] = std::move(gaps);
  }
  put(json, "time_per_output_token_seconds", time_per_output_token(measurement));
  put(json, "duration_seconds", duration(measurement));
  if (const auto speed = output_tokens_per_second(measurement)) {
    json["output_tokens_per_second"] = *speed;
  }
}

}  // namespace

std::string to_json(const Measurement& measurement) {
  ordered_json json = facts_json(measurement);
  put_response(json, measurement);
  put_times(json, measurement);
  put_bounds(json, measurement);
  if (measurement.answer) {
    json["answer"] = *measurement.answer;
  }
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace inferometer::measure
