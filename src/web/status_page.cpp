#include "web/status_page.hpp"

#include "web/html.hpp"
#include "web/status_style.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>

namespace inferometer::web {
namespace {

using base::Duration;
using measure::Outcome;
using measure::Summary;

/// A span in its largest whole unit: "3 min".
std::string coarse(Duration span) {
  const auto seconds =
      std::max<std::int64_t>(std::chrono::floor<std::chrono::seconds>(span).count(), 0);
  if (seconds < 60) {
    return fmt::format("{} s", seconds);
  }
  if (seconds < 3600) {
    return fmt::format("{} min", seconds / 60);
  }
  return seconds < 86400 ? fmt::format("{} h", seconds / 3600)
                         : fmt::format("{} d", seconds / 86400);
}

std::string ago(base::WallTime time, base::WallTime now) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(time);
  const auto utc = fmt::gmtime(std::time_t(whole.time_since_epoch().count()));
  return fmt::format(R"(<time datetime="{0:%FT%TZ}" title="{0:%F %T} UTC">{1} ago</time>)", utc,
                     coarse(now - time));
}

bool failing(const Summary& summary) {
  return summary.last && summary.last->outcome != Outcome::success;
}

std::string last_result(const Summary& summary, base::WallTime now) {
  if (!summary.last) {
    return R"(<span class="badge">no result yet</span>)";
  }
  const measure::LastAttempt& last = *summary.last;
  std::string html =
      fmt::format(R"(<span class="badge {}">{}</span>{} <a href="/api/v1/measurements/{}">{}</a>)",
                  failing(summary) ? "bad" : "good", measure::to_string(last.outcome),
                  last.suspect ? R"( <span class="badge">suspect</span>)" : "",
                  escape_html(last.id), ago(last.started_at, now));
  if (!last.detail.empty()) {
    html += fmt::format(R"(<span class="detail">{}</span>)", escape_html(last.detail));
  }
  return html;
}

void append_row(const Summary& summary, base::WallTime now, std::string& page) {
  const auto cell = [&page](std::string_view label, std::string_view html,
                            std::string_view kind = "number") {
    fmt::format_to(std::back_inserter(page), R"(<td class="{}" data-label="{}">{}</td>)", kind,
                   label, html);
  };
  page += failing(summary) ? R"(<tr class="failing">)" : "<tr>";
  cell("Provider", escape_html(summary.target.provider), "name");
  cell("Model", escape_html(summary.target.model), "name");
  cell("Workload", escape_html(summary.target.workload), "name");
  cell("Last result", last_result(summary, now), "result");
  cell("Attempts", fmt::format("{}", summary.attempts));
  cell("Failures", fmt::format("{}", summary.failures));
  cell("Suspect", fmt::format("{}", summary.suspects));
  cell("TTFT p50", format_span(summary.ttft_p50));
  cell("TTFT p95", format_span(summary.ttft_p95));
  cell("TTFT p99", format_span(summary.ttft_p99));
  cell("ITL p50", format_span(summary.itl_p50));
  const auto& speed = summary.output_tokens_per_second_p50;
  cell("Output tokens/s", speed ? three_digits(*speed) : std::string(k_none));
  page += "</tr>\n";
}

constexpr std::string_view k_page =
    R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Inferometer</title>
<style>{style}</style>
</head>
<body>
<header><h1>Inferometer</h1><p>{version}, up {uptime}</p></header>
<nav><a href="/metrics">Metrics</a><a href="/config">Configuration</a>)"
    R"(<a href="/-/ready">Ready</a><a href="/-/healthy">Healthy</a></nav>
<main>
<p class="overview">{overview}</p>
{table}</main>
<footer>Latencies and speeds are of recent successes that are not suspect. One attempt now: )"
    R"(<code>/probe?provider=…&amp;model=…&amp;workload=…&amp;debug=true</code>. One that was made: )"
    R"(<code>/api/v1/measurements/…</code></footer>
</body>
</html>
)";

constexpr std::string_view k_table_head = R"(<table>
<thead>
<tr><th colspan="4"></th><th colspan="3" class="number">Since start</th>
<th colspan="3" class="number">Time to first token</th><th class="number">Inter-token</th>
<th class="number">Output</th></tr>
<tr><th>Provider</th><th>Model</th><th>Workload</th><th>Last result</th>
<th class="number">Attempts</th><th class="number">Failures</th>
<th class="number" title="This host was too slow to measure them: in no figure">Suspect</th>
<th class="number">p50</th>
<th class="number">p95</th><th class="number">p99</th><th class="number">p50</th>
<th class="number">tokens/s</th></tr>
</thead>
<tbody>
)";

std::string table(const std::vector<Summary>& targets, base::WallTime now) {
  if (targets.empty()) {
    return {};
  }
  std::string html(k_table_head);
  for (const Summary& target : targets) {
    append_row(target, now, html);
  }
  return html + "</tbody>\n</table>\n";
}

std::string overview(const std::vector<Summary>& targets) {
  if (targets.empty()) {
    return "No probes are configured.";
  }
  const auto failures = std::count_if(targets.begin(), targets.end(), failing);
  return fmt::format(R"({} {}, <strong class="{}">{} failing</strong>)", targets.size(),
                     targets.size() == 1 ? "probe" : "probes", failures > 0 ? "bad" : "none",
                     failures);
}

}  // namespace

std::string render_status_page(const Status& status, base::WallTime now) {
  return fmt::format(k_page, fmt::arg("style", k_status_style),
                     fmt::arg("version", escape_html(status.version)),
                     fmt::arg("uptime", coarse(now - status.started)),
                     fmt::arg("overview", overview(status.targets)),
                     fmt::arg("table", table(status.targets, now)));
}

}  // namespace inferometer::web
