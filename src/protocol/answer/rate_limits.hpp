#pragma once

#include "base/clock.hpp"
#include "measure/measurement.hpp"
#include "protocol/protocol.hpp"

#include <optional>
#include <vector>

/// What providers say in headers about how often they may be asked. Names of headers are expected
/// in lower case; `now` turns dates into durations.
namespace inferometer::protocol {

/// The limits of all known families of headers, at most one for each resource, in the order of the
/// enum. Sources: OpenAI's "Rate limits", Anthropic's "Rate limits", Groq's "Rate Limits" and
/// OpenRouter's "Limits". Values that are no counts, and those that vendors use for "unknown"
/// (negative ones, a limit of 0), are left out.
[[nodiscard]] std::vector<measure::RateLimit> read_rate_limits(const std::vector<Header>& headers,
                                                               base::WallTime now);

/// After how long the server says to try again: `retry-after-ms`, else `retry-after` in seconds or
/// as a date; no value if there is none, or it lies in the past. At most a day.
[[nodiscard]] std::optional<base::Duration> read_retry_after(const std::vector<Header>& headers,
                                                             base::WallTime now);

/// The id that the provider gave the request, which its support asks for; empty if none.
[[nodiscard]] std::string_view read_request_id(const std::vector<Header>& headers);

}  // namespace inferometer::protocol
