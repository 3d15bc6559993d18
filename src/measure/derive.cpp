#include "measure/derive.hpp"

#include <algorithm>
#include <cmath>

namespace inferometer::measure {
namespace {

/// What the rate of visible text is made of.
struct Generation {
  Duration span;            ///< > 0
  std::uint64_t intervals;  ///< visible tokens − 1, >= 1
};

std::optional<Generation> generation(const Measurement& measurement) {
  const auto tokens = visible_tokens(measurement);
  const auto span = between(measurement.timeline.first_content, measurement.timeline.last_content);
  if (!tokens || *tokens < 2 || !span || *span == Duration::zero() || came_at_once(measurement)) {
    return std::nullopt;
  }
  return Generation{*span, *tokens - 1};
}

/// Whether so many of the gaps are lost that those left would be the long ones.
bool are_too_few(std::size_t good, std::size_t all) {
  return (all - good) * 10 > all;
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

std::optional<Duration> server_time_to_first_token(const Measurement& measurement) {
  const Timeline& timeline = measurement.timeline;
  const auto ttft = time_to_first_token(measurement);
  auto network = between(timeline.request_sent, timeline.acknowledged);
  const auto& tcp = measurement.connection.tcp;
  if (!ttft || !network || !tcp || tcp->retransmissions > 0) {
    return std::nullopt;  // it may have been the request that was lost on its way
  }
  // A kernel may delay an acknowledgement by up to 40 ms, to send it along with data.
  if (*network > 2 * tcp->min_rtt + std::chrono::milliseconds(1)) {
    network = tcp->min_rtt;
  }
  return std::max(*ttft - *network, Duration::zero());
}

std::optional<std::uint64_t> visible_tokens(const Measurement& measurement) {
  if (usage_gap(measurement) != UsageGap::none) {
    return std::nullopt;
  }
  const std::uint64_t output = measurement.usage->output.value_or(0);
  const std::uint64_t reasoning = measurement.usage->reasoning.value_or(0);
  return reasoning <= output ? std::optional(output - reasoning) : std::nullopt;
}

bool came_at_once(const Measurement& measurement) {
  const std::uint64_t late = measurement.content_bytes - measurement.burst_bytes;
  return measurement.burst_bytes > 0 && late * 10 <= measurement.content_bytes;
}

std::vector<Gap> gaps(const Measurement& measurement) {
  const std::vector<Arrival>& arrivals = measurement.content_arrivals;
  std::vector<Gap> gaps;
  gaps.reserve(arrivals.size());
  for (std::size_t i = 1; i < arrivals.size(); ++i) {
    const Arrival& before = arrivals[i - 1];
    gaps.push_back({.begin = before.at,
                    .span = arrivals[i].at - before.at,
                    .bound = before.last_slack + arrivals[i].first_slack});
  }
  return gaps;
}

std::vector<Duration> inter_token_latencies(const Measurement& measurement) {
  std::vector<Duration> good;
  if (came_at_once(measurement)) {
    return good;
  }
  const std::vector<Gap> all = gaps(measurement);
  good.reserve(all.size());
  for (const Gap& gap : all) {
    if (gap.bound <= measurement.max_error) {
      good.push_back(gap.span);
    }
  }
  if (are_too_few(good.size(), all.size())) {
    good.clear();
  }
  return good;
}

std::uint32_t lost_gaps(const Measurement& measurement) {
  const std::size_t arrivals = measurement.content_arrivals.size();
  if (arrivals < 2 || came_at_once(measurement)) {
    return 0;
  }
  return static_cast<std::uint32_t>(arrivals - 1 - inter_token_latencies(measurement).size());
}

std::string_view to_string(UsageGap gap) {
  switch (gap) {
    case UsageGap::none:
      return "none";
    case UsageGap::no_report:
      return "no_report";
    case UsageGap::no_output_count:
      return "no_output_count";
    case UsageGap::reasoning_uncounted:
      return "reasoning_uncounted";
  }
  return "none";
}

UsageGap usage_gap(const Measurement& measurement) {
  if (!measurement.usage) {
    return UsageGap::no_report;
  }
  if (!measurement.usage->output) {
    return UsageGap::no_output_count;
  }
  const bool reasoned =
      measurement.reasoning_seen || measurement.timeline.first_reasoning.has_value();
  return reasoned && measurement.usage->reasoning.value_or(0) == 0 ? UsageGap::reasoning_uncounted
                                                                   : UsageGap::none;
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
  return measurement.timeline.started - measurement.timeline.scheduled - measurement.token_wait;
}

std::vector<Gap> stalled_gaps(const Measurement& measurement) {
  std::vector<Gap> stalled = gaps(measurement);
  std::erase_if(
      stalled, [&](const Gap& gap) { return gap.span - gap.bound <= measurement.stall_threshold; });
  return stalled;
}

std::uint32_t stalls(const Measurement& measurement) {
  return static_cast<std::uint32_t>(stalled_gaps(measurement).size());
}

Phases phases(const Measurement& measurement) {
  const Timeline& timeline = measurement.timeline;
  return {.dns = between(timeline.started, timeline.name_resolved),
          .connect = between(timeline.name_resolved, timeline.connected),
          .tls = between(timeline.connected, timeline.tls_done),
          .send = between(timeline.request_begin, timeline.request_sent),
          .wait = between(timeline.request_sent, timeline.first_byte)};
}

std::optional<double> quantile(std::vector<double> samples, double q) {
  if (samples.empty()) {
    return std::nullopt;
  }
  const double position = q * static_cast<double>(samples.size() - 1);
  const auto below = samples.begin() + static_cast<std::ptrdiff_t>(position);
  std::nth_element(samples.begin(), below, samples.end());
  if (below + 1 == samples.end()) {
    return *below;
  }
  const double above = *std::min_element(below + 1, samples.end());
  return std::lerp(*below, above, position - std::floor(position));
}

}  // namespace inferometer::measure
