#pragma once

#include "measure/measurement.hpp"

#include <cstdint>
#include <optional>
#include <vector>

/// The figures that follow from a measurement. Pure; a figure whose marks were not reached, or
/// whose token counts nobody reported, has no value. Definitions: docs/methodology.md.
namespace inferometer::measure {

/// The stretch from one mark to another. No value either where they stand in the wrong order, as
/// when a server answers before the request is sent: a stretch is never negative.
[[nodiscard]] std::optional<Duration> between(std::optional<MonotonicTime> from,
                                              std::optional<MonotonicTime> to);

/// From the first byte of the request being written to the first non-empty visible text.
[[nodiscard]] std::optional<Duration> time_to_first_token(const Measurement& measurement);

/// The same to the first non-empty reasoning text.
[[nodiscard]] std::optional<Duration> time_to_first_reasoning(const Measurement& measurement);

/// The gaps between consecutive content arrivals, in order.
[[nodiscard]] std::vector<Duration> inter_token_latencies(const Measurement& measurement);

/// Mean time per output token after the first: (last_content − first_content) / (tokens − 1).
/// Reasoning tokens that came before the first content are not in the divisor.
[[nodiscard]] std::optional<Duration> time_per_output_token(const Measurement& measurement);

/// The inverse, in tokens per second of this one stream.
[[nodiscard]] std::optional<double> output_tokens_per_second(const Measurement& measurement);

/// `ended` − `started`, connection set-up included.
[[nodiscard]] std::optional<Duration> duration(const Measurement& measurement);

/// `started` − `scheduled`: our own delay.
[[nodiscard]] Duration lateness(const Measurement& measurement);

/// Gaps longer than the workload's stall threshold.
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

}  // namespace inferometer::measure
