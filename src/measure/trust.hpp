#pragma once

#include "measure/derive.hpp"

#include <array>

/// How far a measurement can be trusted: what its stamps leave open, and which of its figures are
/// exact enough to be samples. Pure. Definitions: docs/methodology.md.
namespace inferometer::measure {

/// By how much each figure may be wrong through us: the sum of what is open at its two ends. A
/// figure without value has no bound.
struct ErrorBounds {
  std::optional<Duration> ttft;
  std::optional<Duration> server_ttft;
  std::optional<Duration> first_reasoning;
  std::optional<Duration> duration;
  std::optional<Duration> text_span;  ///< of `last_content` − `first_content`
  Phases phases;
};
[[nodiscard]] ErrorBounds error_bounds(const Measurement& measurement);

/// The outcomes that our own delay can bring about or spoil.
inline constexpr std::array k_suspect_outcomes{
    Outcome::success, Outcome::connect_timeout, Outcome::first_token_timeout,
    Outcome::stalled, Outcome::total_timeout,
};

/// The figure by which an attempt is judged: the TTFT of a streamed success, else the duration.
struct MainFigure {
  std::string_view name;          ///< as people call it
  std::optional<Duration> bound;  ///< none: the figure has no value
};
[[nodiscard]] MainFigure main_figure(const Measurement& measurement);

/// Whether the bound of the main figure is above the threshold, or that figure has no value because
/// its stamps contradict each other. Only successes and timeouts are ever suspect.
[[nodiscard]] bool is_suspect(const Measurement& measurement);

/// Whether a proxy on the way collected the answer: a success that is not suspect, of at least 20
/// events with text or 20 visible tokens, of whose text nine tenths came at once.
[[nodiscard]] bool is_buffered(const Measurement& measurement);

/// What a measurement gives to the histograms: the figures whose error bound is at most its
/// threshold. None of a failure or of a suspect attempt.
struct Samples {
  std::optional<Duration> ttft;
  std::optional<Duration> server_ttft;
  std::optional<Duration> first_reasoning;
  std::optional<Duration> time_per_output_token;
  std::optional<Duration> duration;
  std::optional<double> output_tokens_per_second;
  Phases phases;
  std::vector<Duration> inter_token_latencies;
};
[[nodiscard]] Samples samples(const Measurement& measurement);

}  // namespace inferometer::measure
