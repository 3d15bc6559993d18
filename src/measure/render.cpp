#include "measure/render.hpp"

#include "measure/derive.hpp"
#include "measure/quantiles.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <string_view>

namespace inferometer::measure {
namespace {

struct Mark {
  std::string_view name;
  std::optional<MonotonicTime> when;
};

/// The marks that were reached, in the order of time. Those of one instant keep the order below.
std::vector<Mark> reached_marks(const Timeline& timeline) {
  const std::array marks{
      Mark{"started", timeline.started},
      Mark{"name_resolved", timeline.name_resolved},
      Mark{"connected", timeline.connected},
      Mark{"tls_done", timeline.tls_done},
      Mark{"request_begin", timeline.request_begin},
      Mark{"request_sent", timeline.request_sent},
      Mark{"headers", timeline.headers},
      Mark{"first_byte", timeline.first_byte},
      Mark{"first_event", timeline.first_event},
      Mark{"first_reasoning", timeline.first_reasoning},
      Mark{"first_content", timeline.first_content},
      Mark{"last_content", timeline.last_content},
      Mark{"finished", timeline.finished},
      Mark{"ended", timeline.ended},
  };
  std::vector<Mark> reached;
  std::copy_if(marks.begin(), marks.end(), std::back_inserter(reached),
               [](const Mark& mark) { return mark.when.has_value(); });
  std::stable_sort(reached.begin(), reached.end(),
                   [](const Mark& a, const Mark& b) { return *a.when < *b.when; });
  return reached;
}

std::vector<double> gaps_in_seconds(const Measurement& measurement) {
  std::vector<double> gaps;
  for (const Duration gap : inter_token_latencies(measurement)) {
    gaps.push_back(base::seconds(gap));
  }
  return gaps;
}

std::string milliseconds(std::optional<Duration> span) {
  return span ? fmt::format("{:.3f} ms", base::seconds(*span) * 1e3) : "-";
}

std::string wall_clock(base::WallTime time) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(time);
  const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(time - whole);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(
                         std::chrono::time_point_cast<std::chrono::system_clock::duration>(whole))),
                     rest.count());
}

std::string figures(const Measurement& measurement) {
  std::string text =
      measurement.streamed
          ? fmt::format("  TTFT              {}\n", milliseconds(time_to_first_token(measurement)))
          : "  TTFT              none: the answer was not streamed\n";
  if (const auto reasoning = time_to_first_reasoning(measurement)) {
    text += fmt::format("  first reasoning   {}\n", milliseconds(reasoning));
  }
  const std::vector<double> gaps = gaps_in_seconds(measurement);
  if (!gaps.empty()) {
    text +=
        fmt::format("  ITL               p50 {:.3f} ms, p99 {:.3f} ms, max {:.3f} ms ({} gaps)\n",
                    *quantile(gaps, 0.5) * 1e3, *quantile(gaps, 0.99) * 1e3,
                    *quantile(gaps, 1.0) * 1e3, gaps.size());
  }
  if (const auto speed = output_tokens_per_second(measurement)) {
    text +=
        fmt::format("  TPOT              {}\n", milliseconds(time_per_output_token(measurement)));
    text += fmt::format("  output speed      {:.1f} tokens/s\n", *speed);
  }
  text += fmt::format("  duration          {}\n", milliseconds(duration(measurement)));
  if (const auto& usage = measurement.usage) {
    text += fmt::format("  tokens            {} in ({} cached), {} out ({} reasoning)\n",
                        usage->input, usage->cached_input, usage->output, usage->reasoning);
  } else {
    text += "  tokens            not reported by the provider\n";
  }
  text += fmt::format("  content events    {} ({} shared a read with another)\n",
                      measurement.content_events, measurement.coalesced);
  text += fmt::format("  event loop lag    {}{}\n", milliseconds(measurement.event_loop_lag),
                      measurement.suspect ? "  SUSPECT: this host was too slow to be trusted" : "");
  return text;
}

std::string count_or_dash(std::optional<std::uint64_t> count) {
  return count ? std::to_string(*count) : "-";
}

/// What only some attempts have: one line each.
std::string particulars(const Measurement& measurement) {
  std::string text;
  if (!measurement.request_id.empty()) {
    text += fmt::format("  request id        {}\n", measurement.request_id);
  }
  if (measurement.attempt > 1) {
    text += fmt::format("  attempt           {}\n", measurement.attempt);
  }
  if (measurement.retry_after) {
    text += fmt::format("  retry after       {}\n", milliseconds(measurement.retry_after));
  }
  for (const RateLimit& limit : measurement.rate_limits) {
    text += fmt::format("  rate limit        {}: {} of {} left\n", to_string(limit.resource),
                        count_or_dash(limit.remaining), count_or_dash(limit.limit));
  }
  return text;
}

nlohmann::ordered_json rate_limits_json(const std::vector<RateLimit>& limits) {
  auto all = nlohmann::ordered_json::array();
  for (const RateLimit& limit : limits) {
    nlohmann::ordered_json one{{"resource", to_string(limit.resource)}};
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

}  // namespace

std::string to_timeline(const Measurement& measurement) {
  const Connection& connection = measurement.connection;
  std::string text =
      fmt::format("probe {} at {}\n", measurement.id, wall_clock(measurement.started_at));
  text += fmt::format("  target            {} / {} / {}\n", measurement.target.provider,
                      measurement.target.model, measurement.target.workload);
  text += fmt::format("  outcome           {}{}{}\n", to_string(measurement.outcome),
                      measurement.detail.empty() ? "" : ": ", measurement.detail);
  if (!connection.remote_address.empty()) {
    text += fmt::format("  connection        {}, {}{}{}\n", connection.remote_address,
                        connection.reused ? "reused" : "fresh",
                        connection.http_version.empty() ? "" : ", HTTP/", connection.http_version);
  }
  if (measurement.http_status != 0) {
    text += fmt::format("  HTTP status       {}\n", measurement.http_status);
  }
  text += particulars(measurement);
  text += "timeline (ms since started, ms since the line above)\n";
  MonotonicTime previous = measurement.timeline.started;
  for (const Mark& mark : reached_marks(measurement.timeline)) {
    text += fmt::format("  {:>12.3f}  {:>+12.3f}  {}\n",
                        base::seconds(*mark.when - measurement.timeline.started) * 1e3,
                        base::seconds(*mark.when - previous) * 1e3, mark.name);
    previous = *mark.when;
  }
  return text + "figures\n" + figures(measurement);
}

std::string to_json(const Measurement& measurement) {
  using nlohmann::ordered_json;
  const auto put = [](ordered_json& object, const char* name, std::optional<Duration> span) {
    if (span) {
      object[name] = base::seconds(*span);
    }
  };
  ordered_json json{
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
      {"connection",
       {{"remote_address", measurement.connection.remote_address},
        {"http_version", measurement.connection.http_version},
        {"reused", measurement.connection.reused}}},
      {"content_events", measurement.content_events},
      {"coalesced", measurement.coalesced},
      {"stalls", stalls(measurement)},
  };
  if (measurement.connection.certificate_expiry) {
    json["connection"]["certificate_expiry"] =
        wall_clock(*measurement.connection.certificate_expiry);
  }
  if (measurement.http_status != 0) {
    json["http_status"] = measurement.http_status;
  }
  if (!measurement.request_id.empty()) {
    json["request_id"] = measurement.request_id;
  }
  if (!measurement.rate_limits.empty()) {
    json["rate_limits"] = rate_limits_json(measurement.rate_limits);
  }
  if (measurement.finish_reason) {
    json["finish_reason"] = to_string(*measurement.finish_reason);
  }
  for (const Mark& mark : reached_marks(measurement.timeline)) {
    json["timeline"][std::string(mark.name)] =
        base::seconds(*mark.when - measurement.timeline.started);
  }
  for (const MonotonicTime arrival : measurement.content_arrivals) {
    json["content_arrivals"].push_back(base::seconds(arrival - measurement.timeline.started));
  }
  put(json, "ttft_seconds", time_to_first_token(measurement));
  put(json, "first_reasoning_seconds", time_to_first_reasoning(measurement));
  put(json, "time_per_output_token_seconds", time_per_output_token(measurement));
  put(json, "duration_seconds", duration(measurement));
  put(json, "retry_after_seconds", measurement.retry_after);
  if (const auto speed = output_tokens_per_second(measurement)) {
    json["output_tokens_per_second"] = *speed;
  }
  if (const auto& usage = measurement.usage) {
    json["usage"] = {{"input", usage->input},
                     {"cached_input", usage->cached_input},
                     {"output", usage->output},
                     {"reasoning", usage->reasoning}};
  }
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace inferometer::measure
