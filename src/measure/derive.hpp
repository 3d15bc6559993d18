#pragma once

#include "measure/measurement.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

/// The figures that follow from a measurement. Pure; a figure whose marks were not reached, or
/// whose token counts were not reported, has no value. Definitions: docs/methodology.md.
namespace inferometer::measure {

/// The stretch from one mark to another. No value either where they stand in the wrong order, as
/// when a server answers before the request is sent: a stretch is never negative.
[[nodiscard]] std::optional<Duration> between(std::optional<MonotonicTime> from,
                                              std::optional<MonotonicTime> to);

/// From the first byte of the request leaving to the first non-empty visible text.
[[nodiscard]] std::optional<Duration> time_to_first_token(const Measurement& measurement);

/// The same to the first non-empty reasoning text.
[[nodiscard]] std::optional<Duration> time_to_first_reasoning(const Measurement& measurement);

/// The TTFT less the network's round trip, as far as the peer's kernel told it: the time behind the
/// host that ends the TCP connection. Never negative. None where a segment of ours was lost, as the
/// time until it was sent again would count as the server's.
[[nodiscard]] std::optional<Duration> server_time_to_first_token(const Measurement& measurement);

/// What the model was reported to have generated for the user to see: output without reasoning.
/// None where usage_gap() says that it is not known.
[[nodiscard]] std::optional<std::uint64_t> visible_tokens(const Measurement& measurement);

/// Whether at least nine tenths of a stream's text came within k_burst of its first text: then the
/// time between its parts is that of whatever collected it on the way, and there are neither
/// inter-token latencies nor token rates.
[[nodiscard]] bool came_at_once(const Measurement& measurement);

/// The stretch between two consecutive content arrivals.
struct Gap {
  MonotonicTime begin;
  Duration span{};
  Duration bound{};  ///< by how much the span may be wrong
};
/// All of them, in order.
[[nodiscard]] std::vector<Gap> gaps(const Measurement& measurement);

/// Those gaps that are samples: whose bound is at most the measurement's `max_error`. None if more
/// than a tenth of all is not, since a reader that is late loses the short ones and keeps the long.
[[nodiscard]] std::vector<Duration> inter_token_latencies(const Measurement& measurement);

/// The gaps that are no samples through our own delay.
[[nodiscard]] std::uint32_t lost_gaps(const Measurement& measurement);
/// Why the count of visible tokens is not known, or `none` if it is; closed: it is a label.
enum class UsageGap {
  none,
  no_report,            ///< the provider reported no usage
  no_output_count,      ///< its report has no count of the output
  reasoning_uncounted,  ///< the model reasoned, and the count of it is missing or 0
};

/// All but `none`, in the order of the enum.
inline constexpr std::array k_usage_gaps{UsageGap::no_report, UsageGap::no_output_count,
                                         UsageGap::reasoning_uncounted};

/// The gap as a `reason` label writes it: the enumerator's own name.
[[nodiscard]] std::string_view to_string(UsageGap gap);

[[nodiscard]] UsageGap usage_gap(const Measurement& measurement);

/// Mean time per output token after the first: (last_content − first_content) / (tokens − 1).
/// Reasoning tokens that came before the first content are not in the divisor, so there is no value
/// where usage_gap() says that they cannot be told from the rest.
[[nodiscard]] std::optional<Duration> time_per_output_token(const Measurement& measurement);

/// The inverse, in tokens per second of this one stream.
[[nodiscard]] std::optional<double> output_tokens_per_second(const Measurement& measurement);

/// `ended` − `started`, connection set-up included.
[[nodiscard]] std::optional<Duration> duration(const Measurement& measurement);

/// `started` − `scheduled`, less the wait for a token: our own delay.
[[nodiscard]] Duration lateness(const Measurement& measurement);

/// The gaps that are longer than the workload's stall threshold even without their bound.
[[nodiscard]] std::vector<Gap> stalled_gaps(const Measurement& measurement);

/// How many they are.
[[nodiscard]] std::uint32_t stalls(const Measurement& measurement);

/// The stretches between marks. A phase that a reused connection skipped has no value.
struct Phases {
  std::optional<Duration> dns;
  std::optional<Duration> connect;
  std::optional<Duration> tls;
  std::optional<Duration> send;
  std::optional<Duration> wait;  ///< from the request sent to the first byte of the response body
};
[[nodiscard]] Phases phases(const Measurement& measurement);

/// The exact quantile of samples in any order, by linear interpolation between order statistics
/// (type 7 of Hyndman and Fan, 1996: the default of numpy and R); no value without samples.
/// REQUIRES: no sample is NaN; 0 <= q <= 1.
[[nodiscard]] std::optional<double> quantile(std::vector<double> samples, double q);

}  // namespace inferometer::measure
