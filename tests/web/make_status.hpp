#pragma once

#include "web/status.hpp"

#include <string>
#include <utility>
#include <vector>

namespace inferometer::web::test {

using namespace std::chrono_literals;

inline constexpr base::WallTime k_now{1'800'000'000s};

/// A target at which nothing was tried yet.
inline TargetStatus make_target(const std::string& provider) {
  TargetStatus target;
  target.summary.target = {provider, "gpt-4o", "chat-short"};
  return target;
}

/// A target whose last attempt began 90 s ago and ended so, after a TTFT of 312 ms.
inline TargetStatus make_target(const std::string& provider, measure::Outcome outcome,
                                bool suspect = false) {
  TargetStatus target = make_target(provider);
  const bool success = outcome == measure::Outcome::success;
  measure::Summary& summary = target.summary;
  summary.attempts = 1;
  summary.failures = success ? 0 : 1;
  summary.suspects = suspect ? 1 : 0;
  summary.last = measure::LastAttempt{.id = "0123456789abcdef",
                                      .started_at = k_now - 90s,
                                      .outcome = outcome,
                                      .detail = success ? "" : "HTTP 429: slow down",
                                      .http_status = success ? 200 : 429,
                                      .ttft = success ? std::optional(312ms) : std::nullopt,
                                      .duration = 2s,
                                      .suspect = suspect};
  summary.history.push_back({.id = 0x0123456789abcdef,
                             .started_at = k_now - 90s,
                             .outcome = outcome,
                             .suspect = suspect,
                             .figure = summary.last->ttft});
  target.kept.set(0);
  if (!success) {
    summary.failing = measure::FailingRun{.since = k_now - 90s, .attempts = 1};
  }
  return target;
}

inline Status make_status(std::vector<TargetStatus> targets) {
  return {.version = "1.2.3",
          .started = k_now - 3h,
          .configured = k_now - 2h,
          .failed_reload = {},
          .draining = false,
          .targets = std::move(targets)};
}

}  // namespace inferometer::web::test
