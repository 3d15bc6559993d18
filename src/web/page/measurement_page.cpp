#include "web/page/measurement_page.hpp"

#include "measure/derive.hpp"
#include "measure/render.hpp"
#include "measure/trust.hpp"
#include "web/page/html.hpp"
#include "web/page/measurement_style.hpp"
#include "web/page/timeline_picture.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string_view>
#include <vector>

namespace inferometer::web {
namespace {

using base::Duration;
using measure::Measurement;
using measure::Outcome;

constexpr std::string_view k_measurement_page =
    R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{target} – Inferometer</title>
<style>{page_style}{style}</style>
</head>
<body>
<header><h1>Inferometer</h1><p>attempt {id}</p></header>
<nav><a href="../../../">Status</a><a href="../../../metrics">Metrics</a></nav>
<main>
<h2 class="target">{target}</h2>
{overview}<figure class="picture">
{picture}<figcaption>{caption}</figcaption>
</figure>
<div class="columns">
{facts}{figures}{marks}</div>
</main>
<footer>As JSON, with each arrival of text: <code>/api/v1/measurements/{id}</code>, asked with )"
    R"(<code>Accept: application/json</code> or as curl does by default.</footer>
</body>
</html>
)";

/// The rows of a table with a name and a value each.
class Rows {
 public:
  /// `html` is put in as it is.
  void add(std::string_view name, std::string_view html, std::string_view kind = "number") {
    fmt::format_to(std::back_inserter(m_html),
                   "<tr><th scope=\"row\">{}</th><td class=\"{}\">{}</td></tr>\n", name, kind,
                   html);
  }
  void add(std::string_view name, std::optional<Duration> span) { add(name, format_span(span)); }

  /// The whole section.
  [[nodiscard]] std::string section(std::string_view heading) const {
    return fmt::format(
        "<section><h2>{}</h2>\n<table class=\"plain\"><tbody>\n{}</tbody></table></section>\n",
        heading, m_html);
  }

 private:
  std::string m_html;
};

std::string suspect_notice(const Measurement& measurement) {
  const measure::MainFigure judged = measure::main_figure(measurement);
  const std::string why =
      judged.bound
          ? fmt::format("our own stamps leave {} of its {} open, and {} is what they may",
                        format_span(judged.bound), judged.name, format_span(measurement.max_error))
          : fmt::format("the stamps of its {} contradict each other", judged.name);
  return fmt::format(
      "<p class=\"notice\"><strong>Suspect:</strong> {}: its times say as much about this host as "
      "about the provider. It is counted, and kept out of the histograms.</p>\n",
      why);
}

std::string overview(const Measurement& measurement) {
  const std::string started = measure::wall_clock(measurement.started_at);
  std::string html = fmt::format(
      R"(<p class="overview"><span title="{}" class="badge {}">{}</span> <time datetime="{}">{} {} UTC</time>)",
      outcome_meaning(measurement.outcome),
      measurement.outcome == Outcome::success ? "good" : "bad",
      measure::to_string(measurement.outcome), started, started.substr(0, started.find('T')),
      started.substr(started.find('T') + 1, started.size() - started.find('T') - 2));
  if (!measurement.detail.empty()) {
    html += fmt::format(R"(<span class="detail">{}</span>)", escape_html(measurement.detail));
  }
  html += "</p>\n";
  if (measurement.suspect) {
    html += suspect_notice(measurement);
  }
  if (measure::is_buffered(measurement)) {
    html +=
        "<p class=\"notice\"><strong>Buffered:</strong> nearly all of the text came at once, so "
        "something between here and the model collected it. The time between its parts is none of "
        "the model’s: there are no inter-token latencies, no time per token and no speed.</p>\n";
  }
  return html;
}

std::string caption(const Measurement& measurement) {
  std::string text;
  if (!measurement.streamed) {
    text += "The answer was not streamed: it has neither a first token nor gaps. ";
  }
  if (!measurement.content_arrivals.empty()) {
    text += "Each line of the stream is an arrival of text. ";
  }
  if (measure::time_to_first_token(measurement)) {
    text += "TTFT runs from the first byte of the request to the first text, the dotted line. ";
  }
  if (measure::stalls(measurement) > 0) {
    text += fmt::format("Dashed in the stream: gaps longer than {}, the stall threshold. ",
                        format_span(measurement.stall_threshold));
  }
  const std::vector<Bar> bars = timeline_bars(measurement);
  if (std::any_of(bars.begin(), bars.end(), [](const Bar& bar) { return bar.failed; })) {
    text += "A dashed bar is where the attempt failed. ";
  }
  return text;
}

std::string connection(const measure::Connection& connection) {
  if (connection.remote_address.empty()) {
    return std::string(k_none);
  }
  return fmt::format("{}{}{}, {}", escape_html(connection.remote_address),
                     connection.http_version.empty() ? "" : ", HTTP/",
                     escape_html(connection.http_version), connection.reused ? "reused" : "fresh");
}

std::string_view stamps(measure::StampSource source) {
  return source == measure::StampSource::kernel ? "the kernel’s" : "ours, after the read";
}

std::string text_or_none(std::string_view text) {
  return text.empty() ? std::string(k_none) : escape_html(text);
}

std::string count_or_none(std::optional<std::uint64_t> count) {
  return count ? std::to_string(*count) : std::string(k_none);
}

std::string facts(const Measurement& measurement) {
  Rows rows;
  const auto add = [&rows](std::string_view name, std::string_view html) {
    rows.add(name, html, "");
  };
  add("Provider", escape_html(measurement.target.provider));
  add("Model", escape_html(measurement.target.model));
  add("Workload", escape_html(measurement.target.workload));
  add("Id", escape_html(measurement.id));
  add("Attempt", measurement.attempt > 1 ? fmt::format("{}, a retry", measurement.attempt) : "1");
  add("HTTP status",
      measurement.http_status != 0 ? std::to_string(measurement.http_status) : std::string(k_none));
  add("Provider's request id", text_or_none(measurement.request_id));
  add("Connection", connection(measurement.connection));
  if (const auto& expiry = measurement.connection.certificate_expiry) {
    add("Certificate expires", measure::wall_clock(*expiry));
  }
  add("Stamps", measurement.timeline.headers ? stamps(measurement.connection.stamps) : k_none);
  if (const auto& tcp = measurement.connection.tcp) {
    add("TCP round trip",
        fmt::format("{}, least {}", format_span(tcp->rtt), format_span(tcp->min_rtt)));
    add("TCP segments",
        fmt::format("{} sent again, {} out of order", tcp->retransmissions, tcp->out_of_order));
    for (const std::string_view remark : measure::network_remarks(*tcp)) {
      add("Network", remark);
    }
  }
  const auto& reason = measurement.finish_reason;
  add("Finish reason", reason ? measure::to_string(*reason) : k_none);
  if (measurement.retry_after) {
    add("Retry after", format_span(measurement.retry_after));
  }
  for (const measure::RateLimit& limit : measurement.rate_limits) {
    add(fmt::format("Rate limit, {}", measure::to_string(limit.resource)),
        fmt::format("{} of {} left", count_or_none(limit.remaining), count_or_none(limit.limit)));
  }
  return rows.section("Attempt");
}

/// The gaps between arrivals of text.
void add_gaps(const Measurement& measurement, Rows& rows) {
  std::vector<double> gaps;
  for (const Duration gap : measure::inter_token_latencies(measurement)) {
    gaps.push_back(static_cast<double>(gap.count()));
  }
  const auto quantile = [&gaps](double q) -> std::optional<Duration> {
    const auto value = measure::quantile(gaps, q);
    return value ? std::optional(Duration(std::llround(*value))) : std::nullopt;
  };
  rows.add("Inter-token latency p50", quantile(0.5));
  rows.add("Inter-token latency p95", quantile(0.95));
  rows.add("Inter-token latency, longest", quantile(1.0));
  rows.add("Gaps lost through our own delay", std::to_string(measure::lost_gaps(measurement)));
  rows.add(fmt::format("Gaps longer than {}", format_span(measurement.stall_threshold)),
           std::to_string(measure::stalls(measurement)));
}

void add_tokens(const std::optional<measure::TokenUsage>& usage, Rows& rows) {
  const auto add = [&](std::string_view name,
                       std::optional<std::uint64_t> measure::TokenUsage::*part) {
    const auto count = usage ? *usage.*part : std::nullopt;
    rows.add(name, count ? std::to_string(*count) : std::string(usage ? "unknown" : k_none));
  };
  add("Input tokens", &measure::TokenUsage::input);
  add("… from a cache", &measure::TokenUsage::cached_input);
  add("Output tokens", &measure::TokenUsage::output);
  add("… for reasoning", &measure::TokenUsage::reasoning);
}

std::string figures(const Measurement& measurement) {
  Rows rows;
  const measure::ErrorBounds bounds = measure::error_bounds(measurement);
  rows.add("Time to first token", measure::time_to_first_token(measurement));
  rows.add("… may be off by", bounds.ttft);
  rows.add("… without the network", measure::server_time_to_first_token(measurement));
  rows.add("Time to first reasoning", measure::time_to_first_reasoning(measurement));
  add_gaps(measurement, rows);
  rows.add("Time per output token", measure::time_per_output_token(measurement));
  const auto speed = measure::output_tokens_per_second(measurement);
  rows.add("Output tokens/s", speed ? three_digits(*speed) : std::string(k_none));
  rows.add("Duration", measure::duration(measurement));
  rows.add("… may be off by", bounds.duration);
  add_tokens(measurement.usage, rows);
  rows.add("Events with text", std::to_string(measurement.content_events));
  rows.add("… that shared an arrival", std::to_string(measurement.coalesced));
  rows.add("Started late by", measure::lateness(measurement));
  if (measurement.token_wait > Duration::zero()) {
    rows.add("Waited for a token", measurement.token_wait);
  }
  rows.add("Event-loop lag", measurement.event_loop_lag);
  return rows.section("Figures");
}

std::string marks(const Measurement& measurement) {
  const auto milliseconds = [](Duration span) { return base::seconds(span) * 1e3; };
  std::string rows;
  base::MonotonicTime previous = measurement.timeline.started;
  for (const measure::Mark& mark : measure::reached_marks(measurement.timeline)) {
    fmt::format_to(std::back_inserter(rows),
                   "<tr><th scope=\"row\">{}</th><td class=\"number\">{:.3f}</td>"
                   "<td class=\"number\">{:+.3f}</td></tr>\n",
                   mark.name, milliseconds(*mark.when - measurement.timeline.started),
                   milliseconds(*mark.when - previous));
    previous = *mark.when;
  }
  return fmt::format(
      "<section><h2>Marks</h2>\n<table class=\"plain\"><thead><tr><th scope=\"col\">Reached</th>"
      "<th scope=\"col\" class=\"number\">ms since start</th>"
      "<th scope=\"col\" class=\"number\">since the one before</th></tr></thead>\n"
      "<tbody>\n{}</tbody></table></section>\n",
      rows);
}

}  // namespace

std::string render_measurement_page(const Measurement& measurement) {
  const config::TargetKey& target = measurement.target;
  const std::string name =
      escape_html(fmt::format("{} / {} / {}", target.provider, target.model, target.workload));
  return fmt::format(
      k_measurement_page, fmt::arg("target", name), fmt::arg("page_style", k_page_style),
      fmt::arg("style", k_measurement_style), fmt::arg("id", escape_html(measurement.id)),
      fmt::arg("overview", overview(measurement)),
      fmt::arg("picture", render_timeline_picture(measurement)),
      fmt::arg("caption", caption(measurement)), fmt::arg("facts", facts(measurement)),
      fmt::arg("figures", figures(measurement)), fmt::arg("marks", marks(measurement)));
}

}  // namespace inferometer::web
