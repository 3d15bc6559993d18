#include "measure/derive.hpp"
#include "measure/marks.hpp"
#include "measure/render.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace inferometer::measure {
namespace {

using nlohmann::ordered_json;

void put(ordered_json& object, const char* name, std::optional<Duration> span) {
  if (span) {
    object[name] = base::seconds(*span);
  }
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

ordered_json connection_json(const Connection& connection) {
  ordered_json json{{"remote_address", connection.remote_address},
                    {"http_version", connection.http_version},
                    {"reused", connection.reused}};
  if (connection.certificate_expiry) {
    json["certificate_expiry"] = wall_clock(*connection.certificate_expiry);
  }
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
      {"event_loop_lag_seconds", base::seconds(measurement.event_loop_lag)},
      {"lateness_seconds", base::seconds(lateness(measurement))},
      {"connection", connection_json(measurement.connection)},
      {"content_events", measurement.content_events},
      {"coalesced", measurement.coalesced},
      {"stalls", stalls(measurement)},
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
  if (const auto& usage = measurement.usage) {
    json["usage"] = {{"input", usage->input},
                     {"cached_input", usage->cached_input},
                     {"output", usage->output},
                     {"reasoning", usage->reasoning}};
  }
}

void put_times(ordered_json& json, const Measurement& measurement) {
  const MonotonicTime started = measurement.timeline.started;
  for (const Mark& mark : reached_marks(measurement.timeline)) {
    json["timeline"][std::string(mark.name)] = base::seconds(*mark.when - started);
  }
  for (const Arrival& arrival : measurement.content_arrivals) {
    json["content_arrivals"].push_back(base::seconds(arrival.at - started));
  }
  put(json, "ttft_seconds", time_to_first_token(measurement));
  put(json, "first_reasoning_seconds", time_to_first_reasoning(measurement));
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
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace inferometer::measure
