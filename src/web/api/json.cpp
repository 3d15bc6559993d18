#include "web/api/json.hpp"

#include "measure/derive.hpp"
#include "measure/render.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace inferometer::web {
namespace {

using measure::wall_clock;
using nlohmann::ordered_json;

void put(ordered_json& object, const char* name, std::optional<base::Duration> span) {
  if (span) {
    object[name] = base::seconds(*span);
  }
}

void put(ordered_json& object, const char* name, std::optional<base::WallTime> time) {
  if (time) {
    object[name] = wall_clock(*time);
  }
}

std::string path_of(std::string_view id) {
  return fmt::format("/api/v1/measurements/{}", id);
}

std::string_view state_word(const TargetStatus& target) {
  if (!target.summary.last) {
    return "waiting";
  }
  return word_of(state_of(target));
}

ordered_json last_json(const measure::LastAttempt& last) {
  ordered_json json{{"id", last.id},
                    {"path", path_of(last.id)},
                    {"started_at", wall_clock(last.started_at)},
                    {"outcome", to_string(last.outcome)},
                    {"suspect", last.suspect}};
  if (!last.detail.empty()) {
    json["detail"] = last.detail;
  }
  if (last.http_status != 0) {
    json["http_status"] = last.http_status;
  }
  put(json, "ttft_seconds", last.ttft);
  put(json, "duration_seconds", last.duration);
  return json;
}

ordered_json history_json(const TargetStatus& target) {
  const measure::Summary& summary = target.summary;
  auto all = ordered_json::array();
  for (std::size_t i = 0; i < summary.history.size(); ++i) {
    const measure::PastAttempt& attempt = summary.history[i];
    ordered_json json{{"id", fmt::format("{:016x}", attempt.id)},
                      {"started_at", wall_clock(attempt.started_at)},
                      {"outcome", to_string(attempt.outcome)},
                      {"suspect", attempt.suspect},
                      {"kept", target.kept[i]}};
    put(json, summary.streamed ? "ttft_seconds" : "duration_seconds", attempt.figure);
    all.push_back(std::move(json));
  }
  return all;
}

ordered_json quantiles_json(std::optional<base::Duration> p50, std::optional<base::Duration> p95,
                            std::optional<base::Duration> p99) {
  auto json = ordered_json::object();
  put(json, "p50", p50);
  put(json, "p95", p95);
  put(json, "p99", p99);
  return json;
}

void put_figures(ordered_json& json, const measure::Summary& summary) {
  if (summary.ttft_p50) {
    json["ttft_seconds"] = quantiles_json(summary.ttft_p50, summary.ttft_p95, summary.ttft_p99);
  }
  if (summary.duration_p50) {
    json["duration_seconds"] =
        quantiles_json(summary.duration_p50, summary.duration_p95, summary.duration_p99);
  }
  if (summary.itl_p50) {
    json["inter_token_latency_seconds"] = quantiles_json(summary.itl_p50, {}, {});
  }
  if (summary.output_tokens_per_second_p50) {
    json["output_tokens_per_second"] = {{"p50", *summary.output_tokens_per_second_p50}};
  }
}

ordered_json server_json(const ServerQueue& server) {
  ordered_json json{{"up", server.up}};
  if (server.running) {
    json["requests_running"] = *server.running;
  }
  if (server.waiting) {
    json["requests_waiting"] = *server.waiting;
  }
  return json;
}

ordered_json counts_json(const TargetStatus& target, base::WallTime now) {
  const measure::Summary& summary = target.summary;
  auto skipped = ordered_json::object();
  for (const measure::SkipCount& skip : summary.skips) {
    skipped[std::string(skip.reason)] = skip.count;
  }
  return {{"provider", summary.target.provider}, {"model", summary.target.model},
          {"workload", summary.target.workload}, {"state", state_word(target)},
          {"held", is_held(target, now)},        {"streamed", summary.streamed},
          {"attempts", summary.attempts},        {"failures", summary.failures},
          {"suspects", summary.suspects},        {"skipped", std::move(skipped)}};
}

ordered_json target_json(const TargetStatus& target, base::WallTime now) {
  const measure::Summary& summary = target.summary;
  ordered_json json = counts_json(target, now);
  put(json, "interval_seconds", target.interval);
  put(json, "next_run_at", target.next_run);
  if (is_held(target, now)) {
    put(json, "held_until", target.held_until);
  }
  if (summary.last) {
    json["last"] = last_json(*summary.last);
  }
  if (summary.failing) {
    json["failing_since"] = wall_clock(summary.failing->since);
    json["failures_in_a_row"] = summary.failing->attempts;
  }
  put_figures(json, summary);
  if (target.server) {
    json["server"] = server_json(*target.server);
  }
  if (summary.certificate_expiry) {
    json["certificate_expiry"] = wall_clock(*summary.certificate_expiry);
  }
  json["history"] = history_json(target);
  return json;
}

ordered_json measurement_json(const measure::Measurement& measurement) {
  ordered_json json{{"id", measurement.id},
                    {"path", path_of(measurement.id)},
                    {"started_at", wall_clock(measurement.started_at)},
                    {"provider", measurement.target.provider},
                    {"model", measurement.target.model},
                    {"workload", measurement.target.workload},
                    {"outcome", to_string(measurement.outcome)},
                    {"suspect", measurement.suspect},
                    {"attempt", measurement.attempt},
                    {"streamed", measurement.streamed}};
  if (!measurement.detail.empty()) {
    json["detail"] = measurement.detail;
  }
  if (measurement.http_status != 0) {
    json["http_status"] = measurement.http_status;
  }
  put(json, "ttft_seconds", measure::time_to_first_token(measurement));
  put(json, "duration_seconds", measure::duration(measurement));
  if (const auto speed = measure::output_tokens_per_second(measurement)) {
    json["output_tokens_per_second"] = *speed;
  }
  return json;
}

/// Text of providers may be no UTF-8; what is broken in it is replaced.
std::string dump(const ordered_json& json) {
  return json.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

/// An array of which only one object at a time is a tree, as a thousand of them take 30 MB.
class ArrayText {
 public:
  void add(const ordered_json& json) {
    m_text += m_text.size() > 1 ? ",\n" : "";
    m_text += dump(json);
  }
  [[nodiscard]] std::string finish() && { return std::move(m_text) + "]\n"; }

 private:
  std::string m_text = "[";
};

}  // namespace

std::string targets_json(const std::vector<const TargetStatus*>& targets, base::WallTime now) {
  ArrayText text;
  for (const TargetStatus* const target : targets) {
    text.add(target_json(*target, now));
  }
  return std::move(text).finish();
}

std::string measurements_json(const Measurements& measurements) {
  ArrayText text;
  for (const auto& measurement : measurements) {
    text.add(measurement_json(*measurement));
  }
  return std::move(text).finish();
}

std::string error_json(std::string_view type, std::string_view message) {
  return dump({{"status", "error"}, {"errorType", type}, {"error", message}}) + "\n";
}

}  // namespace inferometer::web
