#include "cli/terminal/live_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace inferometer::cli {
namespace {

/// Between the name of the provider and the last outcome.
constexpr std::string_view k_middle = "{:>6} {:>6} {:>4} {:>7} {:>7} {:>7} {:>6} {:>6}";

/// How many columns the two texts at the ends may take.
struct Widths {
  std::size_t name;
  std::size_t outcome;
};

std::string_view last_outcome(const measure::Summary& summary) {
  return summary.last ? to_string(summary.last->outcome) : "waiting";
}

Widths widths_for(const std::vector<measure::Summary>& summaries, std::size_t columns) {
  constexpr std::size_t k_rest = 59;  // k_middle, a space before and two behind it
  constexpr std::size_t k_least_name = 8;
  constexpr std::size_t k_least_outcome = 10;  // of a long one
  Widths longest{.name = k_least_name, .outcome = 0};
  for (const measure::Summary& summary : summaries) {
    longest.name = std::max(longest.name, width_of(shorten(summary.target.provider, 0)));
    longest.outcome = std::max(longest.outcome, last_outcome(summary).size());
  }
  if (columns == 0) {
    return longest;
  }
  const std::size_t least_outcome = std::min(longest.outcome, k_least_outcome);
  const std::size_t both = std::max(columns, k_rest + k_least_name + least_outcome) - k_rest;
  const std::size_t name = std::min(longest.name, both - least_outcome);
  return {.name = name, .outcome = both - name};
}

std::string milliseconds(std::optional<measure::Duration> span) {
  if (!span) {
    return "-";
  }
  constexpr double k_widest = 99'999.0;  // with a decimal, it would not fit
  const double value = base::seconds(*span) * 1e3;
  return value < k_widest ? fmt::format("{:.1f}", value) : fmt::format("{:.0f}", value);
}

std::string row(const measure::Summary& summary, const Widths& widths) {
  const auto& speed = summary.output_tokens_per_second_p50;
  const std::string middle =
      fmt::format(fmt::runtime(k_middle), summary.attempts, summary.failures, summary.suspects,
                  milliseconds(summary.ttft_p50), milliseconds(summary.ttft_p95),
                  milliseconds(summary.ttft_p99), milliseconds(summary.itl_p50),
                  speed ? fmt::format("{:.1f}", *speed) : "-");
  const std::string name = shorten(summary.target.provider, widths.name);
  return fmt::format("{}{:{}} {}  {}", name, "", widths.name - width_of(name), middle,
                     shorten(last_outcome(summary), widths.outcome));
}

}  // namespace

std::string render_table(const std::vector<measure::Summary>& summaries, const Terminal& terminal) {
  constexpr std::string_view k_bold = "\x1b[1m";
  constexpr std::string_view k_red = "\x1b[31m";
  constexpr std::string_view k_plain = "\x1b[0m";
  const Widths widths = widths_for(summaries, terminal.columns);
  std::string text;
  const auto add = [&](const std::string& line, std::string_view colour) {
    const std::string shown = shorten(line, terminal.columns);
    text += terminal.colours && !colour.empty() ? fmt::format("{}{}{}\n", colour, shown, k_plain)
                                                : shown + '\n';
  };
  add(fmt::format(
          "{:{}} {}", "", widths.name,
          fmt::format(fmt::runtime(k_middle), "", "", "", "TTFT ms", "", "", "ITL ms", "tok/s")),
      k_bold);
  add(fmt::format("{:<{}} {}  {}", "PROVIDER", widths.name,
                  fmt::format(fmt::runtime(k_middle), "PROBES", "FAILED", "SUSP", "p50", "p95",
                              "p99", "p50", "p50"),
                  "LAST"),
      k_bold);
  for (const measure::Summary& summary : summaries) {
    const bool failing = summary.last && summary.last->outcome != measure::Outcome::success;
    add(row(summary, widths), failing ? k_red : "");
  }
  return text;
}

}  // namespace inferometer::cli
