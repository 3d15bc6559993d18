#include "web/page/status_row.hpp"

#include "measure/render.hpp"
#include "web/page/attempt_history.hpp"
#include "web/page/html.hpp"
#include "wire/percent_encoding.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace inferometer::web {
namespace {

using base::Duration;
using base::WallTime;
using measure::Summary;

/// Above this, what each tick stands for would be half of the page.
constexpr std::size_t k_max_titled = 250;

constexpr std::chrono::days k_certificate_warning{14};
constexpr std::chrono::days k_certificate_alarm{3};

/// `kind` is the column, which the style gives its label on a narrow screen.
void append_cell(std::string_view kind, bool none, std::string_view content, std::string& html) {
  append(html, R"(<td class="{}{}">{}</td>)", kind, none ? " none" : "", content);
}

void append_span(std::string_view kind, std::optional<Duration> span, std::string& html) {
  append_cell(kind, !span, format_span(span), html);
}

void append_name(const config::TargetKey& key, std::string& html) {
  append(html, R"(<th scope="row"><b>{}</b> <span>{}</span> <i>{}</i></th>)",
         escape_html(key.provider), escape_html(key.model), escape_html(key.workload));
}

void append_detail(const TargetStatus& target, WallTime now, std::string& html) {
  const measure::LastAttempt& last = *target.summary.last;
  if (last.outcome != measure::Outcome::success) {
    append(html, R"(<p class="detail">{}</p>)",
           last.detail.empty() ? outcome_meaning(last.outcome) : escape_html(last.detail));
  } else if (last.suspect) {
    html += R"(<p class="detail">this host was too slow to time it well</p>)";
  }
  const auto& failing = target.summary.failing;
  if (failing && failing->attempts > 1) {
    append(html, R"(<p class="detail">{} in a row, the first {}</p>)", failing->attempts,
           relative_time(failing->since, now));
  }
}

/// Signs stand beside the colours, which not everyone can tell apart.
void append_result(const TargetStatus& target, WallTime now, std::string& html) {
  html += R"(<td class="result">)";
  const auto& last = target.summary.last;
  if (is_held(target, now)) {
    append(html, R"(<span class="badge warn">held</span> until {}. )",
           relative_time(*target.held_until, now));
  }
  if (!last) {
    html += "no result yet</td>";
    return;
  }
  const State state = state_of(target);
  if (state == State::good) {
    html += R"(<span class="good">good</span> )";
  } else {
    append(html, R"(<span class="badge {}" title="{}: {}">{}</span> )",
           state == State::failing ? "bad" : "warn", measure::to_string(last->outcome),
           outcome_meaning(last->outcome),
           state == State::failing ? "✕ " + outcome_words(last->outcome) : "? suspect");
  }
  const auto figure = target.summary.streamed ? last->ttft : last->duration;
  if (figure && state != State::failing) {
    append(html, "<b>{}</b>{} ", format_span(figure), target.summary.streamed ? "" : " in all");
  }
  append(html, R"(<a href="api/v1/measurements/{}">{}</a>)", escape_html(last->id),
         relative_time(last->started_at, now));
  append_detail(target, now, html);
  html += "</td>";
}

void append_figures(const Summary& summary, std::string& html) {
  const bool streamed = summary.streamed;
  append_span(streamed ? "p50" : "p50 whole", streamed ? summary.ttft_p50 : summary.duration_p50,
              html);
  append_span("p95", streamed ? summary.ttft_p95 : summary.duration_p95, html);
  append_span("p99", streamed ? summary.ttft_p99 : summary.duration_p99, html);
  append_span("itl", summary.itl_p50, html);
  const auto& speed = summary.output_tokens_per_second_p50;
  append_cell("speed", !speed, speed ? three_digits(*speed) : std::string(k_none), html);
}

/// A count that leads to what it counts, as far as that is kept.
void append_count(std::string_view kind, std::uint64_t count, std::string_view outcome,
                  const config::TargetKey& key, std::string& html) {
  append_cell(
      kind, count == 0,
      count == 0
          ? "0"
          : fmt::format(R"(<a href="api/v1/measurements?provider={}&amp;model={}&amp;workload={})"
                        R"(&amp;outcome={}">{}</a>)",
                        wire::percent_encode(key.provider), wire::percent_encode(key.model),
                        wire::percent_encode(key.workload), outcome, count),
      html);
}

void append_skips(const std::vector<measure::SkipCount>& skips, std::string& html) {
  std::uint64_t all = 0;
  std::string title;
  for (const measure::SkipCount& skip : skips) {
    all += skip.count;
    append(title, "{}{}: {}", title.empty() ? "" : ", ", skip.reason, skip.count);
  }
  append_cell("skipped", all == 0,
              all == 0 ? "0" : fmt::format(R"(<span title="{}">{}</span>)", title, all), html);
}

void append_counts(const Summary& summary, std::string& html) {
  append_cell("attempts", summary.attempts == 0, std::to_string(summary.attempts), html);
  append_count("failed", summary.failures, "failed", summary.target, html);
  append_count("suspects", summary.suspects, "suspect", summary.target, html);
  append_skips(summary.skips, html);
}

void append_server(const std::optional<ServerQueue>& server, std::string& html) {
  const auto number = [](const std::optional<double>& value) {
    return value ? fmt::format("{:.0f}", *value) : std::string(k_none);
  };
  if (server && !server->up) {
    append_cell("queue", false, R"(<span class="badge warn">no metrics</span>)", html);
    return;
  }
  const std::string queue =
      server ? fmt::format("{} / {}", number(server->running), number(server->waiting))
             : std::string(k_none);
  append_cell("queue", !server, queue, html);
}

void append_certificate(const std::optional<std::chrono::sys_seconds>& expiry, WallTime now,
                        std::string& html) {
  if (!expiry) {
    append_cell("cert", true, k_none, html);
    return;
  }
  const auto left = *expiry - std::chrono::floor<std::chrono::seconds>(now);
  const std::string_view urgency = left < k_certificate_alarm     ? " bad"
                                   : left < k_certificate_warning ? " warn"
                                                                  : "";
  append(html, R"(<td class="cert{}" title="expires {}">{}</td>)", urgency,
         measure::wall_clock(*expiry),
         left <= std::chrono::seconds(0)
             ? "expired"
             : fmt::format("{} d", std::chrono::floor<std::chrono::days>(left).count()));
}

void append_next_run(const TargetStatus& target, WallTime now, std::string& html) {
  append_cell("next", !target.next_run,
              target.next_run ? relative_time(*target.next_run, now) : std::string(k_none), html);
}

std::string_view row_style(const TargetStatus& target) {
  switch (state_of(target)) {
    case State::failing:
      return R"(<tr class="failing">)";
    case State::suspect:
      return R"(<tr class="suspect">)";
    case State::good:
      return "<tr>";
  }
  return "<tr>";
}

}  // namespace

Columns columns_of(const std::vector<const TargetStatus*>& targets) {
  const auto any = [&targets](auto has) { return std::ranges::any_of(targets, has); };
  return {.next_run = any([](const TargetStatus* each) { return each->next_run.has_value(); }),
          .server = any([](const TargetStatus* each) { return each->server.has_value(); }),
          .certificate = any([](const TargetStatus* each) {
            return each->summary.certificate_expiry.has_value();
          }),
          .titles = targets.size() <= k_max_titled};
}

std::string render_table_head(const Columns& columns) {
  std::string widths;
  std::string more;
  const auto add = [&](bool shown, std::string_view width, std::string_view title,
                       std::string_view words) {
    if (shown) {
      append(widths, " {}", width);
      append(more, R"(<th scope="col" title="{}">{}</th>)", title, words);
    }
  };
  add(columns.next_run, "4.7rem", "When the next attempt is due", "Next");
  add(columns.server, "4.7rem", "What the provider’s own server says: requests running / waiting",
      "Queue");
  add(columns.certificate, "4.4rem", "Days until the provider’s certificate expires", "Cert.");
  return fmt::format(
      R"(<table style="--more:{}">
<thead><tr><th scope="col">Target</th><th scope="col">Last result</th>)"
      R"(<th scope="col" title="TTFT, or the duration where nothing streams; the )"
      R"(newest is on the right">Last {} attempts</th>)"
      R"(<th scope="col" title="Time to first token, or the duration where nothing )"
      R"(streams: exact quantiles of the last successes">TTFT p50</th>)"
      R"(<th scope="col">p95</th><th scope="col">p99</th>)"
      R"(<th scope="col" title="Inter-token latency">ITL p50</th>)"
      R"(<th scope="col" title="Output tokens per second of one stream, median">)"
      R"(Tok/s</th>)"
      R"(<th scope="col" title="Since the start">Attempts</th>)"
      R"(<th scope="col" title="Since the start">Failed</th>)"
      R"(<th scope="col" title="This host was too slow to time them: they are in )"
      R"(no figure">Suspect</th>)"
      R"(<th scope="col" title="Ticks that started nothing">Skipped</th>{}</tr></thead>
<tbody>
)",
      widths, measure::k_history, more);
}

void append_row(const TargetStatus& target, const Columns& columns, WallTime now,
                std::string& html) {
  const Summary& summary = target.summary;
  html += row_style(target);
  append_name(summary.target, html);
  append_result(target, now, html);
  append_cell("history", false, render_attempt_history(target, columns.titles), html);
  append_figures(summary, html);
  append_counts(summary, html);
  if (columns.next_run) {
    append_next_run(target, now, html);
  }
  if (columns.server) {
    append_server(target.server, html);
  }
  if (columns.certificate) {
    append_certificate(summary.certificate_expiry, now, html);
  }
  html += "</tr>\n";
}

}  // namespace inferometer::web
