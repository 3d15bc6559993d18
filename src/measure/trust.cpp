#include "measure/trust.hpp"

#include <algorithm>

namespace inferometer::measure {
namespace {

/// From how much text on an answer that came at once is called buffered: less may just be short.
constexpr std::uint64_t k_long_answer = 20;

/// The bound of a figure that has a value.
template <typename Figure>
std::optional<Duration> bound_of(const std::optional<Figure>& figure, Duration one_end,
                                 Duration other_end = {}) {
  return figure ? std::optional(one_end + other_end) : std::nullopt;
}

template <typename Figure>
std::optional<Figure> if_good(const Measurement& measurement, std::optional<Figure> figure,
                              std::optional<Duration> bound) {
  return bound && *bound <= measurement.max_error ? figure : std::nullopt;
}

Phases good_phases(const Measurement& measurement, const Phases& bounds) {
  Phases good = phases(measurement);
  for (const auto phase :
       {&Phases::dns, &Phases::connect, &Phases::tls, &Phases::send, &Phases::wait}) {
    good.*phase = if_good(measurement, good.*phase, bounds.*phase);
  }
  return good;
}

/// Whether the time per token, and so its inverse, is exact enough. The error is spread over the
/// tokens, but may be no large part of the whole stretch either, or a few tokens more would make
/// any error a small one.
bool is_good_rate(const Measurement& measurement, std::optional<Duration> bound) {
  const auto span = between(measurement.timeline.first_content, measurement.timeline.last_content);
  const auto tokens = visible_tokens(measurement);
  if (!bound || !span || !tokens || *tokens < 2) {
    return false;
  }
  const bool is_small_part = *bound <= measurement.max_error || *bound <= *span / 100;
  const auto each = static_cast<std::uint64_t>(bound->count()) / (*tokens - 1);
  return is_small_part && each <= static_cast<std::uint64_t>(measurement.max_error.count());
}

}  // namespace

ErrorBounds error_bounds(const Measurement& measurement) {
  const Slacks& slacks = measurement.slacks;
  const Timeline& timeline = measurement.timeline;
  const Phases figures = phases(measurement);
  return {
      .ttft =
          bound_of(time_to_first_token(measurement), slacks.request_begin, slacks.first_content),
      .server_ttft = bound_of(server_time_to_first_token(measurement),
                              slacks.request_begin + slacks.request_sent, slacks.first_content),
      .first_reasoning = bound_of(time_to_first_reasoning(measurement), slacks.request_begin,
                                  slacks.first_reasoning),
      .duration = bound_of(duration(measurement), slacks.set_up, slacks.ended),
      .text_span = bound_of(between(timeline.first_content, timeline.last_content),
                            slacks.first_content, slacks.last_content),
      .phases = {.dns = bound_of(figures.dns, slacks.name_resolved),
                 .connect = bound_of(figures.connect, slacks.name_resolved, slacks.connected),
                 .tls = bound_of(figures.tls, slacks.connected, slacks.tls_done),
                 .send = bound_of(figures.send, slacks.request_begin, slacks.request_sent),
                 .wait = bound_of(figures.wait, slacks.request_sent, slacks.first_byte)},
  };
}

MainFigure main_figure(const Measurement& measurement) {
  const ErrorBounds bounds = error_bounds(measurement);
  return measurement.outcome == Outcome::success && measurement.streamed
             ? MainFigure{"time to first token", bounds.ttft}
             : MainFigure{"duration", bounds.duration};
}

bool is_suspect(const Measurement& measurement) {
  if (std::ranges::find(k_suspect_outcomes, measurement.outcome) == k_suspect_outcomes.end()) {
    return false;
  }
  const auto bound = main_figure(measurement).bound;
  return !bound || *bound > measurement.max_error;
}

bool is_buffered(const Measurement& measurement) {
  return measurement.outcome == Outcome::success && !measurement.suspect &&
         came_at_once(measurement) &&
         (measurement.content_events >= k_long_answer ||
          visible_tokens(measurement).value_or(0) >= k_long_answer);
}

Samples samples(const Measurement& measurement) {
  if (measurement.outcome != Outcome::success || measurement.suspect) {
    return {};
  }
  const ErrorBounds bounds = error_bounds(measurement);
  Samples samples{
      .ttft = if_good(measurement, time_to_first_token(measurement), bounds.ttft),
      .server_ttft =
          if_good(measurement, server_time_to_first_token(measurement), bounds.server_ttft),
      .first_reasoning =
          if_good(measurement, time_to_first_reasoning(measurement), bounds.first_reasoning),
      .time_per_output_token = {},
      .duration = if_good(measurement, duration(measurement), bounds.duration),
      .output_tokens_per_second = {},
      .phases = good_phases(measurement, bounds.phases),
      .inter_token_latencies = inter_token_latencies(measurement),
  };
  if (is_good_rate(measurement, bounds.text_span)) {
    samples.time_per_output_token = time_per_output_token(measurement);
    samples.output_tokens_per_second = output_tokens_per_second(measurement);
  }
  return samples;
}

}  // namespace inferometer::measure
