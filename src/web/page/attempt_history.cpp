#include "web/page/attempt_history.hpp"

#include "web/page/html.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <string_view>

namespace inferometer::web {
namespace {

using base::Duration;
using measure::k_history;
using measure::Outcome;
using measure::PastAttempt;
using measure::Summary;

/// The picture's own units: one for an attempt, and so many for the highest figure.
constexpr int k_height = 20;

/// The line is broken where an attempt has no figure.
void draw_line(const std::vector<PastAttempt>& history, Duration highest, std::string& html) {
  const std::size_t first = k_history - history.size();
  bool on_line = false;
  for (std::size_t i = 0; i < history.size(); ++i) {
    const auto& figure = history[i].figure;
    if (figure) {
      const double share = base::seconds(*figure) / base::seconds(highest);
      // A line of no length is a dot: a point between two gaps would not be seen.
      append(html, "{}{} {}{}", on_line ? "L" : "M", first + i,
             k_height - std::lround(share * k_height), on_line ? "" : "h0");
    }
    on_line = figure.has_value();
  }
}

/// Nothing, where no attempt has a figure.
void append_line(const Summary& summary, std::string& html) {
  Duration highest{0};
  for (const PastAttempt& attempt : summary.history) {
    highest = std::max(highest, attempt.figure.value_or(Duration{0}));
  }
  if (highest == Duration{0}) {
    return;
  }
  append(html,
         R"(<svg class="line" viewBox="-.5 -1 {} {}" preserveAspectRatio="none">)"
         R"(<title>{}: up to {}</title><path d=")",
         k_history, k_height + 2, summary.streamed ? "TTFT" : "Duration", format_span(highest));
  draw_line(summary.history, highest, html);
  html += "\"/></svg>";
}

std::string_view style_of(const PastAttempt& attempt) {
  return attempt.outcome != Outcome::success ? "f" : attempt.suspect ? "s" : "";
}

std::string title_of(const PastAttempt& attempt) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(attempt.started_at);
  std::string title =
      fmt::format("{:%T} UTC {}", fmt::gmtime(std::time_t(whole.time_since_epoch().count())),
                  outcome_words(attempt.outcome));
  if (attempt.figure) {
    title += " " + format_span(attempt.figure);
  }
  return title + (attempt.suspect ? ", suspect" : "");
}

void append_tick(const PastAttempt& attempt, bool kept, bool titles, std::string& html) {
  const std::string_view style = style_of(attempt);
  html += kept ? "<a" : "<i";
  if (kept) {
    append(html, " href=api/v1/measurements/{:016x}", attempt.id);
  }
  if (!style.empty()) {
    append(html, " class={}", style);
  }
  if (titles || (kept && !style.empty())) {
    append(html, " title=\"{}\"", title_of(attempt));
  }
  html += kept ? "></a>" : "></i>";
}

/// How many attempts from the `first` on went well and lead nowhere: one element shows them all.
std::size_t count_plain(const TargetStatus& target, std::size_t first) {
  const auto& history = target.summary.history;
  std::size_t end = first;
  while (end < history.size() && style_of(history[end]).empty() && !target.kept[end]) {
    ++end;
  }
  return end - first;
}

}  // namespace

std::string render_attempt_history(const TargetStatus& target, bool titles) {
  const Summary& summary = target.summary;
  std::string html;
  if (summary.history.empty()) {
    return html;
  }
  append_line(summary, html);
  html += R"(<div class="ticks">)";
  for (std::size_t i = 0; i < summary.history.size();) {
    const std::size_t plain = titles ? 0 : count_plain(target, i);
    if (plain > 1) {
      append(html, "<i class=r style=--n:{}></i>", plain);
      i += plain;
    } else {
      append_tick(summary.history[i], target.kept[i], titles, html);
      ++i;
    }
  }
  return html + "</div>";
}

}  // namespace inferometer::web
