#pragma once

#include "base/clock.hpp"

#include <optional>
#include <string>
#include <string_view>

/// What the pages have in common.
namespace inferometer::web {

/// What stands for a figure that has no value.
inline constexpr std::string_view k_none = "–";

/// `text` as it may stand between tags and inside a quoted attribute: it can open neither.
[[nodiscard]] std::string escape_html(std::string_view text);

/// Three digits, as many as anyone compares at a glance. REQUIRES: `value` is not negative.
[[nodiscard]] std::string three_digits(double value);

/// The span with three digits in the unit that suits it, µs to s, or k_none.
[[nodiscard]] std::string format_span(std::optional<base::Duration> span);

}  // namespace inferometer::web
