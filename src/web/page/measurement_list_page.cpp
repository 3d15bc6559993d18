#include "web/page/measurement_list_page.hpp"

#include "measure/derive.hpp"
#include "web/page/html.hpp"
#include "web/page/measurement_style.hpp"
#include "wire/percent_encoding.hpp"

#include <fmt/format.h>

#include <array>
#include <iterator>

namespace inferometer::web {
namespace {

using base::WallTime;
using measure::Measurement;
using measure::Outcome;
using Kind = MeasurementQuery::Kind;
using Order = MeasurementQuery::Order;

constexpr std::string_view k_list_page =
    R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} – Inferometer</title>
<style>{page_style}{style}</style>
</head>
<body>
<header><h1>Inferometer</h1><p>{about}</p></header>
<nav>{nav}</nav>
<main>
{content}</main>
<footer>{retention}</footer>
</body>
</html>
)";

constexpr std::string_view k_list_style = R"(
.plain td { white-space: nowrap; }
.plain td.detail { display: table-cell; white-space: normal; color: var(--dim); min-width: 12rem; }
nav [aria-current] { color: inherit; font-weight: 600; text-decoration: none; }
@media (max-width: 60rem) {
  thead { display: none; }
  .plain, tbody { display: block; }
  .plain tr { display: flex; flex-wrap: wrap; gap: .1rem .8rem; padding: .5rem .6rem; }
  .plain tr + tr { border-top: 1px solid var(--line); }
  .plain td, .plain td.detail { display: block; padding: 0; white-space: normal; }
  .plain thead + tbody tr > td { border: 0; }
  .plain td.target, .plain td.detail { flex-basis: 100%; }
  .plain td.number::before { content: attr(data-label) " "; color: var(--dim); }
}
)";

std::string kept(std::string_view what, std::size_t bytes, const std::optional<WallTime>& oldest,
                 WallTime now) {
  return fmt::format("up to {} MiB of {}{}", bytes >> 20U, what,
                     oldest ? ", the oldest of them started " + relative_time(*oldest, now) : "");
}

std::string retention_text(const Retention& retention, WallTime now) {
  return fmt::format(
      "Measurements are kept in memory: {}; {}. Each target has the same share of it, and none is "
      "older than the daemon, which was started {}.",
      kept("good ones", retention.room.successes, retention.reach.successes, now),
      kept("failed and suspect ones", retention.room.failures, retention.reach.failures, now),
      relative_time(retention.started, now));
}

/// The query with another kind and order, as a link relative to the page.
std::string link(const MeasurementQuery& query, std::string_view kind, Order order) {
  std::string url = "measurements?";
  const auto add = [&url](std::string_view name, std::string_view value) {
    fmt::format_to(std::back_inserter(url), "{}{}={}", url.back() == '?' ? "" : "&amp;", name,
                   wire::percent_encode(value));
  };
  const TargetQuery& target = query.target;
  for (const auto& [name, value] :
       {std::pair("provider", &target.provider), std::pair("model", &target.model),
        std::pair("workload", &target.workload)}) {
    if (*value) {
      add(name, **value);
    }
  }
  if (!kind.empty()) {
    add("outcome", kind);
  }
  if (order == Order::slowest) {
    add("sort", "slowest");
  }
  return url;
}

std::string_view kind_word(const MeasurementQuery& query) {
  switch (query.kind) {
    case Kind::any:
      return "";
    case Kind::failed:
      return "failed";
    case Kind::suspect:
      return "suspect";
    case Kind::one_outcome:
      return measure::to_string(query.outcome);
  }
  return "";
}

std::string navigation(const MeasurementQuery& query) {
  std::string html = R"(<a href="../../">Status</a>)";
  const auto add = [&](std::string_view kind, Order order, bool here, std::string_view words) {
    fmt::format_to(std::back_inserter(html), R"(<a href="{}"{}>{}</a>)", link(query, kind, order),
                   here ? R"( aria-current="page")" : "", words);
  };
  add("", query.order, query.kind == Kind::any, "All");
  add("failed", query.order, query.kind == Kind::failed, "Failed");
  add("suspect", query.order, query.kind == Kind::suspect, "Suspect");
  const std::string_view kind = kind_word(query);
  add(kind, Order::newest, query.order == Order::newest, "Newest first");
  add(kind, Order::slowest, query.order == Order::slowest, "Slowest first");
  return html;
}

std::string heading(const MeasurementQuery& query) {
  const std::string_view kind = kind_word(query);
  std::string text = query.order == Order::slowest ? "Slowest " : "Latest ";
  text += query.kind == Kind::one_outcome ? outcome_words(query.outcome) + " attempts"
          : kind.empty()                  ? std::string("attempts")
                                          : fmt::format("{} attempts", kind);
  const TargetQuery& target = query.target;
  std::string_view between = " of ";
  for (const auto* const name : {&target.provider, &target.model, &target.workload}) {
    if (*name) {
      text += between;
      text += **name;
      between = " / ";
    }
  }
  return text;
}

void append_row(const Measurement& measurement, WallTime now, std::string& html) {
  const config::TargetKey& target = measurement.target;
  const bool good = measurement.outcome == Outcome::success;
  fmt::format_to(
      std::back_inserter(html),
      R"(<tr><td><a href="measurements/{}">{}</a></td>)"
      R"(<td><span class="badge {}" title="{}">{}{}</span>{}</td>)"
      R"(<td class="target">{} / {} / {}</td><td class="number" data-label="TTFT">{}</td>)"
      R"(<td class="number" data-label="Duration">{}</td><td class="detail">{}</td></tr>)"
      "\n",
      escape_html(measurement.id), relative_time(measurement.started_at, now),
      good ? "good" : "bad", outcome_meaning(measurement.outcome), good ? "" : "✕ ",
      outcome_words(measurement.outcome),
      measurement.suspect ? R"( <span class="badge warn">? suspect</span>)" : "",
      escape_html(target.provider), escape_html(target.model), escape_html(target.workload),
      format_span(measure::time_to_first_token(measurement)),
      format_span(measure::duration(measurement)), escape_html(measurement.detail));
}

std::string table(const Measurements& measurements, WallTime now) {
  if (measurements.empty()) {
    return "<p>There are none among the measurements that are kept.</p>\n";
  }
  std::string html =
      R"(<table class="plain"><thead><tr><th scope="col">Started</th>)"
      R"(<th scope="col">Outcome</th><th scope="col">Target</th>)"
      R"(<th scope="col" class="number">TTFT</th><th scope="col" class="number">Duration</th>)"
      R"(<th scope="col">Detail</th></tr></thead><tbody>
)";
  for (const auto& measurement : measurements) {
    append_row(*measurement, now, html);
  }
  return html + "</tbody></table>\n";
}

}  // namespace

std::string render_measurement_list(const Measurements& measurements, const MeasurementQuery& query,
                                    const Retention& retention, WallTime now) {
  const std::string title = escape_html(heading(query));
  return fmt::format(
      k_list_page, fmt::arg("title", title), fmt::arg("page_style", k_page_style),
      fmt::arg("style", std::string(k_measurement_style) + std::string(k_list_style)),
      fmt::arg("about", measurements.size() == query.limit
                            ? fmt::format("the first {}", query.limit)
                            : fmt::format("{} attempts", measurements.size())),
      fmt::arg("nav", navigation(query)),
      fmt::arg("content",
               fmt::format("<h2 class=\"target\">{}</h2>\n{}", title, table(measurements, now))),
      fmt::arg("retention", retention_text(retention, now)));
}

std::string render_unknown_measurement(std::string_view id, const Retention& retention,
                                       WallTime now) {
  const std::string content = fmt::format(
      "<h2 class=\"target\">Attempt {} is not kept any more</h2>\n"
      "<p>{}</p>\n"
      "<p>What it measured is still in the metrics that Prometheus has scraped: only its timeline "
      "is gone. It may also have been an attempt of another instance of Inferometer.</p>\n",
      escape_html(id), retention_text(retention, now));
  return fmt::format(
      k_list_page, fmt::arg("title", "Attempt not kept"), fmt::arg("page_style", k_page_style),
      fmt::arg("style", k_measurement_style), fmt::arg("about", "attempt " + escape_html(id)),
      fmt::arg("nav",
               R"(<a href="../../../">Status</a><a href="../measurements">Latest attempts</a>)"
               R"(<a href="../measurements?outcome=failed">Latest failures</a>)"),
      fmt::arg("content", content), fmt::arg("retention", ""));
}

}  // namespace inferometer::web
