#include "measure/render.hpp"

#include "measure/derive.hpp"
#include "measure/trust.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <iterator>
#include <vector>

namespace inferometer::measure {
namespace {

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

std::string gaps_line(const Measurement& measurement) {
  if (is_buffered(measurement)) {
    return "  ITL               none: the text came at once, it was collected on its way\n";
  }
  const std::vector<double> gaps = gaps_in_seconds(measurement);
  const std::uint32_t lost = lost_gaps(measurement);
  const std::string lost_text = lost > 0 ? fmt::format("{} lost", lost) : "";
  if (gaps.empty()) {
    return lost > 0 ? fmt::format("  ITL               - ({})\n", lost_text) : "";
  }
  return fmt::format(
      "  ITL               p50 {:.3f} ms, p99 {:.3f} ms, max {:.3f} ms ({} gaps{}{})\n",
      *quantile(gaps, 0.5) * 1e3, *quantile(gaps, 0.99) * 1e3, *quantile(gaps, 1.0) * 1e3,
      gaps.size(), lost > 0 ? ", " : "", lost_text);
}

std::string count_or_unknown(std::optional<std::uint64_t> count) {
  return count ? std::to_string(*count) : "unknown";
}

/// Parts that the provider does not count are left out, unless the total cannot be read without.
std::string tokens(const Measurement& measurement) {
  const auto& usage = measurement.usage;
  if (!usage) {
    return "not reported by the provider";
  }
  std::string text = count_or_unknown(usage->input) + " in";
  if (usage->cached_input) {
    text += fmt::format(" ({} cached)", *usage->cached_input);
  }
  text += fmt::format(", {} out", count_or_unknown(usage->output));
  if (usage_gap(measurement) == UsageGap::reasoning_uncounted) {
    text += " (unknown reasoning: no TPOT, no speed)";
  } else if (usage->reasoning) {
    text += fmt::format(" ({} reasoning)", *usage->reasoning);
  }
  return text;
}

std::string figures(const Measurement& measurement) {
  std::string text =
      measurement.streamed
          ? fmt::format("  TTFT              {}\n", milliseconds(time_to_first_token(measurement)))
          : "  TTFT              none: the answer was not streamed\n";
  if (const auto server = server_time_to_first_token(measurement)) {
    text += fmt::format("  … of the server   {}\n", milliseconds(server));
  }
  if (const auto reasoning = time_to_first_reasoning(measurement)) {
    text += fmt::format("  first reasoning   {}\n", milliseconds(reasoning));
  }
  text += gaps_line(measurement);
  if (const auto speed = output_tokens_per_second(measurement)) {
    text +=
        fmt::format("  TPOT              {}\n", milliseconds(time_per_output_token(measurement)));
    text += fmt::format("  output speed      {:.1f} tokens/s\n", *speed);
  }
  text += fmt::format("  duration          {}\n", milliseconds(duration(measurement)));
  text += fmt::format("  tokens            {}\n", tokens(measurement));
  text += fmt::format("  content events    {} ({} shared an arrival with another)\n",
                      measurement.content_events, measurement.coalesced);
  const MainFigure judged = main_figure(measurement);
  text +=
      fmt::format("  error bound       {} of the {}{}\n", milliseconds(judged.bound), judged.name,
                  measurement.suspect ? "  SUSPECT: this host was too slow to be trusted" : "");
  text += fmt::format("  event loop lag    {}\n", milliseconds(measurement.event_loop_lag));
  return text;
}

std::string count_or_dash(std::optional<std::uint64_t> count) {
  return count ? std::to_string(*count) : "-";
}

/// What is known of the connection, one line each.
std::string connection_lines(const Measurement& measurement) {
  const Connection& connection = measurement.connection;
  if (connection.remote_address.empty()) {
    return {};
  }
  std::string text =
      fmt::format("  connection        {}, {}{}{}\n", connection.remote_address,
                  connection.reused ? "reused" : "fresh",
                  connection.http_version.empty() ? "" : ", HTTP/", connection.http_version);
  if (connection.certificate_expiry) {
    text +=
        fmt::format("  certificate       expires {}\n", wall_clock(*connection.certificate_expiry));
  }
  if (const auto& tcp = connection.tcp) {
    text +=
        fmt::format("  TCP               round trip {}, least {}, {} sent again, {} out of order\n",
                    milliseconds(tcp->rtt), milliseconds(tcp->min_rtt), tcp->retransmissions,
                    tcp->out_of_order);
    for (const std::string_view remark : network_remarks(*tcp)) {
      text += fmt::format("                    {}\n", remark);
    }
  }
  if (measurement.timeline.headers) {
    text += fmt::format("  stamps            {}\n", to_string(connection.stamps));
  }
  return text;
}

/// What only some attempts have: one line each.
std::string optional_lines(const Measurement& measurement) {
  std::string text;
  if (!measurement.request_id.empty()) {
    text += fmt::format("  request id        {}\n", measurement.request_id);
  }
  if (measurement.attempt > 1) {
    text += fmt::format("  attempt           {}\n", measurement.attempt);
  }
  if (measurement.token_wait > Duration::zero()) {
    text +=
        fmt::format("  token             waited {} for it\n", milliseconds(measurement.token_wait));
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

}  // namespace

std::vector<Mark> reached_marks(const Timeline& timeline) {
  const std::array marks{
      Mark{"started", timeline.started},
      Mark{"name_resolved", timeline.name_resolved},
      Mark{"connected", timeline.connected},
      Mark{"tls_done", timeline.tls_done},
      Mark{"request_begin", timeline.request_begin},
      Mark{"request_sent", timeline.request_sent},
      Mark{"acknowledged", timeline.acknowledged},
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

std::string wall_clock(base::WallTime time) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(time);
  const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(time - whole);
  std::string text = wall_clock(whole);
  text.pop_back();
  return fmt::format("{}.{:03}Z", text, rest.count());
}

std::string wall_clock(std::chrono::sys_seconds time) {
  // Not through system_clock's own time points, whose nanoseconds end in 2262.
  const auto seconds = static_cast<std::time_t>(time.time_since_epoch().count());
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(seconds));
}

std::vector<std::string_view> network_remarks(const TcpStats& tcp) {
  std::vector<std::string_view> remarks;
  if (tcp.retransmissions > 0) {
    remarks.emplace_back(
        "segments of ours were lost on their way: a long wait may be the network's");
  }
  if (tcp.out_of_order > 0) {
    remarks.emplace_back(
        "segments of the answer were lost or late on their way: a long gap may be the network's");
  }
  return remarks;
}

std::string to_timeline(const Measurement& measurement) {
  std::string text =
      fmt::format("probe {} at {}\n", measurement.id, wall_clock(measurement.started_at));
  text += fmt::format("  target            {} / {} / {}\n", measurement.target.provider,
                      measurement.target.model, measurement.target.workload);
  text += fmt::format("  outcome           {}{}{}\n", to_string(measurement.outcome),
                      measurement.detail.empty() ? "" : ": ", measurement.detail);
  text += connection_lines(measurement);
  if (measurement.http_status != 0) {
    text += fmt::format("  HTTP status       {}\n", measurement.http_status);
  }
  text += optional_lines(measurement);
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

}  // namespace inferometer::measure
