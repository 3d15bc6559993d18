#pragma once

#include "base/clock.hpp"

#include <optional>
#include <string_view>

/// The ways in which HTTP headers write times. No value for anything else.
namespace inferometer::protocol {

/// `Sun, 06 Nov 1994 08:49:37 GMT` (IMF-fixdate, RFC 9110, 5.6.7).
[[nodiscard]] std::optional<base::WallTime> parse_http_date(std::string_view text);

/// `2025-01-01T00:00:30Z`, also with a fraction or an offset (RFC 3339).
[[nodiscard]] std::optional<base::WallTime> parse_rfc3339(std::string_view text);

/// A decimal number of seconds, not negative.
[[nodiscard]] std::optional<base::Duration> parse_seconds(std::string_view text);

}  // namespace inferometer::protocol
