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

/// `text` percent-encoded as a value in a URL's query; nothing of it needs to be escaped for HTML.
[[nodiscard]] std::string escape_query(std::string_view text);

}  // namespace inferometer::web
