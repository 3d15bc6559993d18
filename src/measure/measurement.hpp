#pragma once

#include "base/clock.hpp"
#include "config/config.hpp"
#include "measure/outcome.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace inferometer::measure {

using base::Duration;
using base::MonotonicTime;

/// Whose clock reading a stamp is.
enum class StampSource {
  kernel,  ///< the kernel's, put on the segment when it came in or went out
  read,    ///< ours, after the system call
};

inline constexpr std::array k_stamp_sources{StampSource::kernel, StampSource::read};

/// The source as the `source` label writes it: the enumerator's own name.
[[nodiscard]] std::string_view to_string(StampSource source);

/// When bytes that were read together arrived: the last of them at `at`, or up to `last_slack`
/// before that; the first of them up to `first_slack` before it. A slack of 0 is an exact stamp.
struct Arrival {
  MonotonicTime at{};
  Duration first_slack{};
  Duration last_slack{};  ///< not above `first_slack`; 0 where the stamp is the kernel's

  bool operator==(const Arrival&) const = default;
};

/// The moments of one attempt. A mark that was not reached has no value. Marks of the response
/// carry the stamp of the bytes that brought them, taken before any parsing.
struct Timeline {
  MonotonicTime scheduled{};
  MonotonicTime started{};
  std::optional<MonotonicTime> name_resolved;
  std::optional<MonotonicTime> connected;
  std::optional<MonotonicTime> tls_done;
  std::optional<MonotonicTime> request_begin;  ///< the request's first byte left
  std::optional<MonotonicTime> request_sent;   ///< its last byte left
  std::optional<MonotonicTime> acknowledged;   ///< the peer's kernel had its last byte
  std::optional<MonotonicTime> headers;
  std::optional<MonotonicTime> first_byte;
  std::optional<MonotonicTime> first_event;
  std::optional<MonotonicTime> first_reasoning;
  std::optional<MonotonicTime> first_content;
  std::optional<MonotonicTime> last_content;
  std::optional<MonotonicTime> finished;  ///< the event with the finish reason
  std::optional<MonotonicTime> ended;
};

/// By how much earlier than its mark each thing may have happened, for all that we know: our own
/// delay in taking the mark. 0 where the kernel's stamp tells.
struct Slacks {
  Duration name_resolved{};
  Duration connected{};
  Duration tls_done{};
  Duration request_begin{};
  Duration request_sent{};
  Duration headers{};
  Duration first_byte{};
  Duration first_reasoning{};
  Duration first_content{};
  Duration last_content{};
  Duration ended{};
  Duration set_up{};  ///< our share of the time from `started` to `request_begin`
};

/// What the provider reported; totals include their parts. What it did not report, or not as a
/// count, has no value: a 0 is one that the provider wrote.
struct TokenUsage {
  std::optional<std::uint64_t> input;
  std::optional<std::uint64_t> cached_input;  ///< part of `input`
  std::optional<std::uint64_t> output;
  std::optional<std::uint64_t> reasoning;  ///< part of `output`

  bool operator==(const TokenUsage&) const = default;
};

/// `usage` as a report; no value if it holds no count at all.
[[nodiscard]] std::optional<TokenUsage> as_report(const TokenUsage& usage);

/// Why the model stopped, normalised over the protocols.
enum class FinishReason { stop, length, tool_calls, content_filter, error };

[[nodiscard]] std::string_view to_string(FinishReason reason);

/// What a provider limits and reports in its headers; closed: it is a label.
enum class RateLimitResource {
  requests,
  tokens,
  input_tokens,
  output_tokens,
  priority_input_tokens,
  priority_output_tokens,
};

inline constexpr std::array k_rate_limit_resources{
    RateLimitResource::requests,
    RateLimitResource::tokens,
    RateLimitResource::input_tokens,
    RateLimitResource::output_tokens,
    RateLimitResource::priority_input_tokens,
    RateLimitResource::priority_output_tokens,
};

/// The resource as the `resource` label writes it: the enumerator's own name.
[[nodiscard]] std::string_view to_string(RateLimitResource resource);

/// One limit as the response's headers gave it.
struct RateLimit {
  RateLimitResource resource = RateLimitResource::requests;
  std::optional<std::uint64_t> limit;
  std::optional<std::uint64_t> remaining;
  std::optional<Duration> reset;  ///< from the response until the whole limit is there again

  bool operator==(const RateLimit&) const = default;
};

/// What the kernel knows of a TCP connection (TCP_INFO), at the end of an attempt; counts are those
/// of the attempt alone.
struct TcpStats {
  Duration rtt{};                     ///< smoothed round-trip time
  Duration min_rtt{};                 ///< the least
  std::uint32_t retransmissions = 0;  ///< segments that we sent again
  std::uint32_t out_of_order = 0;  ///< segments that came behind a gap: one before was lost or late
};

/// The connection that carried the attempt.
struct Connection {
  bool reused = false;
  std::string http_version;    ///< "1.1" or "2"; empty before a response
  std::string remote_address;  ///< "address:port"; empty before a connection
  /// The earliest of the chain. Not a WallTime, which ends in 2262: 9999 is usual for "never".
  std::optional<std::chrono::sys_seconds> certificate_expiry;
  StampSource stamps = StampSource::read;  ///< of the bytes that came
  std::optional<TcpStats> tcp;             ///< none before a connection
};

/// What comes within this time of the first text of a stream has come at once.
inline constexpr Duration k_burst = std::chrono::milliseconds(5);

/// One attempt with everything that is known about it: what a probe returns.
struct Measurement {
  std::string id;  ///< 16 hexadecimal digits, unique among the attempts of one daemon
  config::TargetKey target;
  base::WallTime started_at{};  ///< `timeline.started` as wall time, for people
  Outcome outcome = Outcome::internal_error;
  /// Input tokens of a request that was refused as too long, where the refusal tells.
  std::optional<std::uint64_t> refused_tokens;
  std::string detail;   ///< one line for people: redacted, bounded, never a label; empty on success
  int http_status = 0;  ///< 0: no response
  std::string request_id;       ///< the provider's own id of it, which its support asks for
  std::uint32_t attempt = 1;    ///< 2 is the first retry
  bool streamed = true;         ///< false: one whole answer, which has no first token
  bool reasoning_seen = false;  ///< the model reasoned, whether or not its text is shown
  Timeline timeline;
  Connection connection;
  Slacks slacks;
  std::vector<Arrival> content_arrivals;  ///< the slacks are those of the content in them
  std::uint32_t content_events = 0;       ///< events with non-empty content
  std::uint32_t coalesced = 0;            ///< of these, those that shared an arrival with another
  std::uint64_t content_bytes = 0;
  std::uint64_t burst_bytes = 0;  ///< of these, those up to k_burst after the first; streamed only
  std::optional<TokenUsage> usage;
  std::optional<FinishReason> finish_reason;
  std::vector<RateLimit> rate_limits;
  std::optional<Duration> retry_after;  ///< the delay before the next try that a refusal names
  Duration stall_threshold{};
  Duration token_wait{};        ///< between `scheduled` and `started`, for an access token
  Duration event_loop_lag{};    ///< the worst of our own event loop while this attempt was open
  Duration max_error{};         ///< up to which error bound a figure is a sample
  bool no_credentials = false;  ///< ours could not be read: nothing was asked of the provider
  /// The text that came, its first MiB, redacted; only where the target asks for it.
  std::optional<std::string> answer;
  bool suspect = false;  ///< kept out of the histograms, see measure/trust.hpp
};

}  // namespace inferometer::measure
