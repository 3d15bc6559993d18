#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"

#include <string>
#include <string_view>

namespace inferometer::base {

/// Reads a duration as configuration files and flags write it: a sum of decimal numbers with
/// units `ns us ms s m h d`, largest unit first (`250ms`, `1.5s`, `1h30m`, `1d`). Refuses a missing
/// unit, a sign, a repeated or ascending unit and what does not fit 64-bit nanoseconds.
[[nodiscard]] Result<Duration> parse_duration(std::string_view text);

/// The shortest exact text that `parse_duration` reads back as `duration`.
[[nodiscard]] std::string format_duration(Duration duration);

}  // namespace inferometer::base
