#include "protocol/answer/rate_limits.hpp"

#include "base/duration.hpp"
#include "protocol/answer/timestamps.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <string_view>

namespace inferometer::protocol {
namespace {

using base::Duration;
using base::WallTime;
using measure::RateLimit;
using measure::RateLimitResource;

/// How a family of headers is named: prefix, then resource and field in an order of its own.
struct Family {
  std::string_view prefix;
  bool field_first;  ///< `x-ratelimit-limit-requests`; else `…-requests-limit`
};

constexpr std::array k_families{
    Family{"x-ratelimit-", true},           // OpenAI, Azure, Groq, Together and others
    Family{"anthropic-ratelimit-", false},  // Anthropic
    Family{"anthropic-priority-", false},   // Anthropic's Priority Tier
    Family{"x-tokenlimit-", true},          // Together: tokens, unnamed
};

struct ResourceName {
  std::string_view prefix;  ///< of the family
  std::string_view name;
  RateLimitResource resource;
};

constexpr std::array k_resource_names{
    ResourceName{"x-ratelimit-", "requests", RateLimitResource::requests},
    ResourceName{"x-ratelimit-", "tokens", RateLimitResource::tokens},
    ResourceName{"x-ratelimit-", "", RateLimitResource::requests},  // OpenRouter
    ResourceName{"x-tokenlimit-", "", RateLimitResource::tokens},
    ResourceName{"anthropic-ratelimit-", "requests", RateLimitResource::requests},
    ResourceName{"anthropic-ratelimit-", "tokens", RateLimitResource::tokens},
    ResourceName{"anthropic-ratelimit-", "input-tokens", RateLimitResource::input_tokens},
    ResourceName{"anthropic-ratelimit-", "output-tokens", RateLimitResource::output_tokens},
    ResourceName{"anthropic-priority-", "input-tokens", RateLimitResource::priority_input_tokens},
    ResourceName{"anthropic-priority-", "output-tokens", RateLimitResource::priority_output_tokens},
};

constexpr Duration k_longest = std::chrono::hours(24);

struct Parts {
  std::string_view resource;
  std::string_view field;
};

/// What stands behind the prefix, taken apart. The field is one word, the resource may be two.
Parts split(std::string_view rest, bool field_first) {
  const std::size_t dash = field_first ? rest.find('-') : rest.rfind('-');
  const std::string_view before = rest.substr(0, dash);
  const std::string_view after =
      dash == std::string_view::npos ? std::string_view() : rest.substr(dash + 1);
  return field_first ? Parts{after, before} : Parts{before, after};
}

std::optional<std::uint64_t> parse_count(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value)
                                                                  : std::nullopt;
}

std::optional<Duration> until(std::optional<WallTime> time, WallTime now) {
  return time && *time > now ? std::optional<Duration>(*time - now) : std::nullopt;
}

/// Seconds, a duration as Go prints it, a date, or the Unix time in seconds or milliseconds.
std::optional<Duration> parse_reset(std::string_view text, WallTime now) {
  constexpr Duration k_first_unix_time = std::chrono::seconds(100'000'000);
  if (const auto seconds = parse_seconds(text)) {
    return *seconds < k_first_unix_time ? seconds : until(WallTime(*seconds), now);
  }
  if (const auto number = parse_count(text)) {
    constexpr std::uint64_t k_last_milliseconds = 9'000'000'000'000;
    return *number <= k_last_milliseconds ? until(WallTime(std::chrono::milliseconds(*number)), now)
                                          : std::nullopt;
  }
  if (const auto duration = base::parse_duration(text)) {
    return *duration;
  }
  return until(parse_rfc3339(text), now);
}

void take(RateLimit& limit, std::string_view field, std::string_view value, WallTime now) {
  if (field == "limit") {
    limit.limit = parse_count(value);
  } else if (field == "remaining") {
    limit.remaining = parse_count(value);
  } else if (field == "reset") {
    limit.reset = parse_reset(value, now);
  }
}

const ResourceName* find_resource(const Family& family, std::string_view name) {
  const auto* const found = std::find_if(
      k_resource_names.begin(), k_resource_names.end(),
      [&](const ResourceName& row) { return row.prefix == family.prefix && row.name == name; });
  return found == k_resource_names.end() ? nullptr : found;
}

std::string_view find(const std::vector<Header>& headers, std::string_view name) {
  const auto found = std::find_if(headers.begin(), headers.end(),
                                  [name](const Header& header) { return header.first == name; });
  return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

std::optional<Duration> bounded(std::optional<Duration> delay) {
  return delay && *delay > Duration::zero() ? std::optional(std::min(*delay, k_longest))
                                            : std::nullopt;
}

}  // namespace

std::vector<RateLimit> read_rate_limits(const std::vector<Header>& headers, WallTime now) {
  std::array<RateLimit, measure::k_rate_limit_resources.size()> all;
  for (const auto& [name, value] : headers) {
    for (const Family& family : k_families) {
      if (!name.starts_with(family.prefix)) {
        continue;
      }
      const Parts parts =
          split(std::string_view(name).substr(family.prefix.size()), family.field_first);
      if (const ResourceName* row = find_resource(family, parts.resource)) {
        take(all[static_cast<std::size_t>(row->resource)], parts.field, value, now);
      }
    }
  }
  std::vector<RateLimit> given;
  for (const RateLimitResource resource : measure::k_rate_limit_resources) {
    RateLimit& limit = all[static_cast<std::size_t>(resource)];
    limit.resource = resource;
    if (limit.limit == 0U) {  // Azure's way to say that it does not know
      limit = {.resource = resource, .limit = {}, .remaining = {}, .reset = {}};
    }
    if (limit.limit || limit.remaining) {
      given.push_back(limit);
    }
  }
  return given;
}

std::optional<Duration> read_retry_after(const std::vector<Header>& headers, WallTime now) {
  if (const auto milliseconds = parse_seconds(find(headers, "retry-after-ms"))) {
    return bounded(*milliseconds / 1000);
  }
  const std::string_view value = find(headers, "retry-after");
  if (const auto seconds = parse_seconds(value)) {
    return bounded(seconds);
  }
  return bounded(until(parse_http_date(value), now));
}

std::string_view read_request_id(const std::vector<Header>& headers) {
  for (const std::string_view name :
       {"x-request-id", "request-id", "x-amzn-requestid", "apim-request-id", "x-generation-id"}) {
    if (const std::string_view value = find(headers, name); !value.empty()) {
      constexpr std::size_t k_longest_id = 128;
      return value.substr(0, k_longest_id);
    }
  }
  return {};
}

}  // namespace inferometer::protocol
