#pragma once

#include "measure/measurement.hpp"

#include <initializer_list>

namespace inferometer::measure {

/// When the attempts of these tests start.
inline constexpr MonotonicTime k_start{std::chrono::seconds(1000)};

/// A success on a fresh connection, with exact stamps: name 1 ms, TCP 2 ms, TLS 3 ms, request begun
/// at 6 ms and sent by 7 ms, first byte at 100 ms, and content at the given times after the start
/// of the request.
inline Measurement make_success(std::initializer_list<Duration> content = {
                                    std::chrono::milliseconds(200), std::chrono::milliseconds(220),
                                    std::chrono::milliseconds(250)}) {
  using namespace std::chrono_literals;
  Measurement result;
  result.id = "0123456789abcdef";
  result.target = {"openai", "gpt-4o", "chat-short"};
  result.started_at = base::WallTime(1'700'000'000s);
  result.outcome = Outcome::success;
  result.http_status = 200;
  result.stall_threshold = 1s;
  result.max_error = 1ms;
  result.finish_reason = FinishReason::stop;
  Timeline& timeline = result.timeline;
  timeline.scheduled = k_start - 2ms;
  timeline.started = k_start;
  timeline.name_resolved = k_start + 1ms;
  timeline.connected = k_start + 3ms;
  timeline.tls_done = k_start + 6ms;
  timeline.request_begin = k_start + 6ms;
  timeline.request_sent = k_start + 7ms;
  timeline.first_byte = k_start + 106ms;
  for (const Duration after : content) {
    result.content_arrivals.push_back({.at = *timeline.request_begin + after});
  }
  if (!result.content_arrivals.empty()) {
    timeline.first_content = result.content_arrivals.front().at;
    timeline.last_content = result.content_arrivals.back().at;
  }
  timeline.ended = k_start + 2s;
  for (const Arrival& arrival : result.content_arrivals) {
    result.content_bytes += 4;
    result.burst_bytes += arrival.at <= *timeline.first_content + k_burst ? 4U : 0U;
  }
  result.content_events = static_cast<std::uint32_t>(result.content_arrivals.size());
  result.usage = TokenUsage{.input = 512, .cached_input = 128, .output = 11, .reasoning = 0};
  return result;
}

}  // namespace inferometer::measure
