#pragma once

#include "cli/terminal/terminal.hpp"
#include "measure/measurement.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace inferometer::cli {

/// The figures of an attempt that can be summed up and judged.
enum class Figure { ttft, server_ttft, first_reasoning, itl, tpot, duration, output_speed };

struct FigureInfo {
  Figure figure;
  std::string_view name;   ///< as `--fail-if` writes it
  std::string_view title;  ///< in a table, with its unit there
  std::string_view key;    ///< in JSON, with its base unit
  bool is_time = true;     ///< in seconds; else tokens a second
};

/// In the order of the enum.
inline constexpr std::array k_figures{
    FigureInfo{Figure::ttft, "ttft", "TTFT ms", "ttft_seconds"},
    FigureInfo{Figure::server_ttft, "server_ttft", "… of the server", "server_ttft_seconds"},
    FigureInfo{Figure::first_reasoning, "first_reasoning", "first reasoning",
               "first_reasoning_seconds"},
    FigureInfo{Figure::itl, "itl", "ITL ms", "inter_token_latency_seconds"},
    FigureInfo{Figure::tpot, "tpot", "TPOT ms", "time_per_output_token_seconds"},
    FigureInfo{Figure::duration, "duration", "duration ms", "duration_seconds"},
    FigureInfo{Figure::output_speed, "output_speed", "output tokens/s", "output_tokens_per_second",
               false},
};

/// Several attempts at one target. The samples of a figure are those of attempts that succeeded and
/// are not suspect, in base units; each gap between two texts is one of the ITL.
struct Tally {
  void add(const measure::Measurement& measurement);

  [[nodiscard]] const std::vector<double>& samples_of(Figure figure) const {
    return samples[static_cast<std::size_t>(figure)];
  }
  [[nodiscard]] std::uint64_t failed() const;

  std::uint64_t attempts = 0;
  std::uint64_t suspects = 0;                          ///< of these
  std::map<measure::Outcome, std::uint64_t> failures;  ///< of these, by outcome
  std::array<std::vector<double>, k_figures.size()> samples;
};

/// The heading of the lines below, and one attempt as one line, behind which lines with its detail
/// may follow; `number` is from 1. No line is longer than the terminal, each is ended.
[[nodiscard]] std::string attempt_heading(const Terminal& terminal);
[[nodiscard]] std::string attempt_line(std::uint64_t number, const measure::Measurement& attempt,
                                       const Terminal& terminal);

/// The whole for people: how many succeeded and failed, and count, p50, p90, p99 and maximum of
/// each figure that has samples.
[[nodiscard]] std::string to_table(const Tally& tally, const Terminal& terminal);

/// The same as one JSON object, in base units.
[[nodiscard]] std::string to_json(const Tally& tally);

}  // namespace inferometer::cli
