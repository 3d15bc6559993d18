#pragma once

#include "base/clock.hpp"
#include "measure/outcome.hpp"

#include <fmt/format.h>

#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

/// What the pages have in common.
namespace inferometer::web {

/// What stands for a figure that has no value.
inline constexpr std::string_view k_none = "–";

/// Formats at the end of `page`; what may hold markup must be escaped first.
template <typename... Arguments>
void append(std::string& page, fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  fmt::format_to(std::back_inserter(page), format, std::forward<Arguments>(arguments)...);
}

/// `text` as it may stand between tags and inside a quoted attribute: it can open neither.
[[nodiscard]] std::string escape_html(std::string_view text);

/// Three digits, as many as anyone compares at a glance. REQUIRES: `value` is not negative.
[[nodiscard]] std::string three_digits(double value);

/// The span with three digits in the unit that suits it, µs to s, or k_none.
[[nodiscard]] std::string format_span(std::optional<base::Duration> span);

/// The span in its largest whole unit: "3 min". Below 0 it is "0 s".
[[nodiscard]] std::string format_coarse(base::Duration span);

/// "3 min ago" or "in 3 min" as a `time` element that has the instant itself too, in UTC.
[[nodiscard]] std::string relative_time(base::WallTime time, base::WallTime now);

/// The outcome's name with blanks: "first token timeout".
[[nodiscard]] std::string outcome_words(measure::Outcome outcome);

/// What it means, for people: a clause that needs no detail.
[[nodiscard]] std::string_view outcome_meaning(measure::Outcome outcome);

/// What all pages have in common: colours for both schemes, letters, header, links and badges.
/// Nothing is told by colour alone.
inline constexpr std::string_view k_page_style = R"(
:root {
  color-scheme: light dark;
  --page: #f5f6f8; --card: #fff; --ink: #1a2230; --dim: #596475; --faint: #737e8e;
  --line: #e1e5eb; --link: #1f55c4;
  --good: #116b3c; --good-fill: #e2f4e9; --bad: #b3231b; --bad-fill: #fde9e7; --bad-row: #fff5f3;
  --warn: #855800; --warn-fill: #fff0cf; --tick: #93a5bb; --tick-bad: #c8321f; --tick-warn: #d08a00;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #10141a; --card: #171c24; --ink: #e5e9f0; --dim: #98a3b3; --faint: #7b8796;
    --line: #262e39; --link: #8db2ff;
    --good: #74d6a0; --good-fill: #143424; --bad: #ff9d93; --bad-fill: #47201c; --bad-row: #221a1e;
    --warn: #f0bf62; --warn-fill: #3a2c10; --tick: #5d6f86; --tick-bad: #ff6b57; --tick-warn: #e3a73a;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1.25rem 1.5rem; max-width: 100rem; background: var(--page);
  color: var(--ink); font: 15px/1.45 system-ui, sans-serif; -webkit-text-size-adjust: 100%;
}
a { color: var(--link); text-underline-offset: .15em; text-decoration-thickness: .06em; }
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: .1rem 1rem; }
h1 { margin: 0; font-size: 1.4rem; letter-spacing: -.01em; }
header p { margin: 0; color: var(--dim); }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1.1rem; margin: .35rem 0 1.1rem; }
.overview { margin: 0 0 1.25rem; font-size: 1.1rem; }
.badge {
  display: inline-block; padding: 0 .5em; border: 1px solid var(--line); border-radius: 1em;
  font-size: .86rem; font-weight: 600; white-space: nowrap;
}
.badge.good { color: var(--good); background: var(--good-fill); border-color: transparent; }
.badge.bad { color: var(--bad); background: var(--bad-fill); border-color: transparent; }
.badge.warn { color: var(--warn); background: var(--warn-fill); border-color: transparent; }
.notice {
  margin: 0 0 1.1rem; padding: .5rem .8rem; border-left: 4px solid var(--warn);
  background: var(--warn-fill);
}
.notice.bad { border-color: var(--bad); background: var(--bad-fill); }
.notice pre { margin: .4rem 0 0; white-space: pre-wrap; overflow-wrap: anywhere; }
time { white-space: nowrap; }
.detail { display: block; max-width: 40rem; font-size: .86rem; overflow-wrap: anywhere; }
footer { margin-top: 1.25rem; color: var(--dim); font-size: .88rem; }
code, pre { font: .92em/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
@media (max-width: 40rem) { body { padding: .9rem; } }
)";

}  // namespace inferometer::web
