#include "web/page/status_page.hpp"

#include "web/page/html.hpp"
#include "web/page/status_row.hpp"
#include "web/page/status_script.hpp"
#include "web/page/status_style.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <iterator>
#include <vector>

namespace inferometer::web {
namespace {

using base::WallTime;
using Selected = std::vector<const TargetStatus*>;

/// Pages of many rows are refreshed less often: each costs the daemon, the network and the browser.
constexpr std::size_t k_many_rows = 250;
constexpr int k_refresh_seconds = 5;
constexpr int k_slow_refresh_seconds = 15;

/// About what a row takes.
constexpr std::size_t k_row_bytes = 1600;
constexpr std::size_t k_titled_row_bytes = 4600;

constexpr std::string_view k_page_head =
    R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'%3E%3Ccircle cx='4' cy='4' r='4' fill='%23{icon}'/%3E%3C/svg%3E">
<noscript><meta http-equiv="refresh" content="{slow_refresh}"></noscript>
<style>{page_style}{style}</style>
</head>
<body data-refresh="{refresh}" data-now="{now:%FT%TZ}">
<header><h1>Inferometer</h1><p id="about">{about}</p><p id="live">as of {now:%T} UTC</p></header>
<nav><a href="metrics">Metrics</a><a href="config">Configuration</a>)"
    R"(<a href="api/v1/measurements?outcome=failed">Latest failures</a>)"
    R"(<a href="api/v1/measurements?sort=slowest">Slowest attempts</a>)"
    R"(<a href="api/v1/targets">JSON</a></nav>
<main>
<div id="notes">{notes}</div>
<div id="totals">{totals}</div>
{filter}<div id="targets">)";

constexpr std::string_view k_page_tail =
    R"(</div>
</main>
<footer>Latencies and speeds are exact quantiles of recent successes that are not suspect. One )"
    R"(attempt now: <code>probe?provider=…&amp;model=…&amp;workload=…&amp;debug=true</code></footer>
<script>{script}</script>
</body>
</html>
)";

constexpr std::string_view k_empty =
    R"(<section class="empty"><h2>Nothing is probed yet</h2>
<p>The configuration in force has no probes. A target is a model of a provider under a workload; add at
least one of each and reload, with SIGHUP or <code>POST /-/reload</code>:</p>
<pre>providers:
  - name: vllm
    protocol: openai-chat
    base_url: http://vllm.example:8000/v1
    models: [my-model]
workloads:
  - {name: chat-short, input_tokens: 512, output_tokens: 128}
probes:
  - {providers: [vllm], workloads: [chat-short], interval: 30s}
</pre></section>
)";

std::tm utc(WallTime time) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(time);
  return fmt::gmtime(std::time_t(whole.time_since_epoch().count()));
}

std::string_view plural(std::size_t count) {
  return count == 1 ? "" : "s";
}

std::string about(const Status& status, WallTime now) {
  return fmt::format("{}, up {}, configuration of {}", escape_html(status.version),
                     format_coarse(now - status.started), relative_time(status.configured, now));
}

std::string notes(const Status& status, WallTime now) {
  std::string html;
  if (status.draining) {
    html += R"(<p class="notice">Shutting down: no more attempts are started.</p>)";
  }
  if (const auto& failed = status.failed_reload) {
    fmt::format_to(std::back_inserter(html),
                   R"(<div class="notice bad"><strong>The configuration was not reloaded</strong> )"
                   R"({}; the one before stays in force.<pre>{}</pre></div>)",
                   relative_time(failed->at, now), escape_html(failed->error));
  }
  return html;
}

/// Each total leads to what it counts.
std::string totals_line(const Totals& totals) {
  const auto part = [](std::string_view filter, std::size_t count, std::string_view kind,
                       std::string_view words) {
    return fmt::format(R"(<a href="?filter={}" class="{}"><b>{}</b> {}</a>)", filter,
                       count > 0 ? kind : "none", count, words);
  };
  return fmt::format(R"(<a href="?" class="all"><b>{}</b> target{}</a>)", totals.targets,
                     plural(totals.targets)) +
         part("failing", totals.failing, "bad", "failing") +
         part("suspect", totals.suspect, "warn", "suspect") +
         part("held", totals.held, "warn", "held");
}

std::string filter_form(std::string_view filter) {
  return fmt::format(
      R"(<form role="search"><input type="search" name="filter" value="{}" aria-label="Filter" )"
      R"(placeholder="Filter: names, failing, rate limited …" autocomplete="off" )"
      R"(autocapitalize="off" spellcheck="false"> <button>Filter</button> )"
      R"(<span id="count" aria-live="polite"></span></form>
)",
      escape_html(filter));
}

void append_table(const Selected& selected, WallTime now, std::string& page) {
  const Columns columns = columns_of(selected);
  const std::size_t shown = std::min(selected.size(), k_max_rows);
  page.reserve(page.size() + shown * (columns.titles ? k_titled_row_bytes : k_row_bytes));
  if (shown < selected.size()) {
    fmt::format_to(std::back_inserter(page),
                   R"(<p class="more">The first {} of {} targets; a filter shows the others.</p>)",
                   shown, selected.size());
  }
  page += render_table_head(columns);
  for (std::size_t i = 0; i < shown; ++i) {
    append_row(*selected[i], columns, now, page);
  }
  page += "</tbody></table>\n";
}

void append_targets(const Status& status, const Selected& selected, std::string_view filter,
                    WallTime now, std::string& page) {
  if (status.targets.empty()) {
    page += k_empty;
  } else if (selected.empty()) {
    fmt::format_to(
        std::back_inserter(page),
        R"(<p class="empty">No target matches <q>{}</q>. <a href="?">Show all {}</a></p>)",
        escape_html(filter), status.targets.size());
  } else {
    append_table(selected, now, page);
  }
}

}  // namespace

std::string render_status_page(const Status& status, std::string_view filter, WallTime now) {
  const Selected selected = select_targets(status.targets, filter, now);
  const Totals totals = totals_of(status.targets, now);
  const bool bad = totals.failing > 0 || status.failed_reload.has_value();
  std::string page = fmt::format(
      k_page_head,
      fmt::arg("title", totals.failing > 0 ? fmt::format("{} failing – Inferometer", totals.failing)
                                           : std::string("Inferometer")),
      fmt::arg("icon", bad ? "c4402f" : "2a7d8c"), fmt::arg("page_style", k_page_style),
      fmt::arg("style", k_status_style),
      fmt::arg("refresh",
               selected.size() > k_many_rows ? k_slow_refresh_seconds : k_refresh_seconds),
      fmt::arg("slow_refresh", k_slow_refresh_seconds), fmt::arg("now", utc(now)),
      fmt::arg("about", about(status, now)), fmt::arg("notes", notes(status, now)),
      fmt::arg("totals", status.targets.empty() ? std::string() : totals_line(totals)),
      fmt::arg("filter", status.targets.empty() ? std::string() : filter_form(filter)));
  append_targets(status, selected, filter, now, page);
  page += fmt::format(k_page_tail, fmt::arg("script", k_status_script));
  return page;
}

std::string status_page_policy() {
  return fmt::format(
      "default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-{}'; "
      "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
      k_status_script_sha256);
}

}  // namespace inferometer::web
