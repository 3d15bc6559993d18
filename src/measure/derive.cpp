#include "measure/derive.hpp"

#include <algorithm>

namespace inferometer::measure {
namespace {

/// What the rate of visible text is made of.
struct Generation {
  Duration span;            ///< > 0
  std::uint64_t intervals;  ///< visible tokens − 1, >= 1
};

std::optional<Generation> generation(const Measurement& measurement) {
  const auto& usage = measurement.usage;
  const auto span = between(measurement.timeline.first_content, measurement.timeline.last_content);
  if (!usage || !span || *span == Duration::zero() || usage->reasoning > usage->output) {
    return std::nullopt;
  }
  const std::uint64_t visible = usage->output - usage->reasoning;
  if (visible < 2) {
    return std::nullopt;
  }
  return Generation{*span, visible - 1};
}

}  // namespace

std::optional<Duration> between(std::optional<MonotonicTime> from,
                                std::optional<MonotonicTime> to) {
  if (!from || !to || *to < *from) {
    return std::nullopt;
  }
  return *to - *from;
}

std::optional<Duration> time_to_first_token(const Measurement& measurement) {
  return between(measurement.timeline.request_begin, measurement.timeline.first_content);
}

std::optional<Duration> time_to_first_reasoning(const Measurement& measurement) {
  return between(measurement.timeline.request_begin, measurement.timeline.first_reasoning);
}

std::vector<Duration> inter_token_latencies(const Measurement& measurement) {
  const std::vector<Arrival>& arrivals = measurement.content_arrivals;
  std::vector<Duration> gaps;
  gaps.reserve(arrivals.size());
  for (std::size_t i = 1; i < arrivals.size(); ++i) {
    gaps.push_back(arrivals[i].at - arrivals[i - 1].at);
  }
  return gaps;
}

std::optional<Duration> time_per_output_token(const Measurement& measurement) {
  const auto part = generation(measurement);
  if (!part) {
    return std::nullopt;
  }
  // A count that does not fit would turn negative; the quotient is 0 ns far below that.
  const auto span = static_cast<std::uint64_t>(part->span.count());
  return Duration(static_cast<Duration::rep>(span / part->intervals));
}

std::optional<double> output_tokens_per_second(const Measurement& measurement) {
  const auto part = generation(measurement);
  if (!part) {
    return std::nullopt;
  }
  return static_cast<double>(part->intervals) / base::seconds(part->span);
}

std::optional<Duration> duration(const Measurement& measurement) {
  return between(measurement.timeline.started, measurement.timeline.ended);
}

Duration lateness(const Measurement& measurement) {
  return measurement.timeline.started - measurement.timeline.scheduled;
}

std::uint32_t stalls(const Measurement& measurement) {
  const std::vector<Duration> gaps = inter_token_latencies(measurement);
  return static_cast<std::uint32_t>(
      std::ranges::count_if(gaps, [&](Duration gap) { return gap > measurement.stall_threshold; }));
}

Phases phases(const Measurement& measurement) {
  const Timeline& timeline = measurement.timeline;
  return {.dns = between(timeline.started, timeline.name_resolved),
          .connect = between(timeline.name_resolved, timeline.connected),
          .tls = between(timeline.connected, timeline.tls_done),
          .send = between(timeline.request_begin, timeline.request_sent),
          .wait = between(timeline.request_sent, timeline.first_byte)};
}

}  // namespace inferometer::measure
