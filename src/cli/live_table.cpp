#include "cli/live_table.hpp"

#include <fmt/format.h>

#include <optional>

namespace inferometer::cli {
namespace {

constexpr std::string_view k_row =
    "{:<14} {:>8} {:>8} {:>7} {:>10} {:>10} {:>10} {:>9} {:>9}  {}\n";

std::string milliseconds(std::optional<measure::Duration> span) {
  return span ? fmt::format("{:.1f}", base::seconds(*span) * 1e3) : "-";
}

std::string row(const measure::Summary& summary) {
  const auto& speed = summary.output_tokens_per_second_p50;
  return fmt::format(k_row, summary.target.provider, summary.attempts, summary.failures,
                     summary.suspects, milliseconds(summary.ttft_p50),
                     milliseconds(summary.ttft_p95), milliseconds(summary.ttft_p99),
                     milliseconds(summary.itl_p50), speed ? fmt::format("{:.1f}", *speed) : "-",
                     summary.last ? to_string(summary.last->outcome) : "waiting");
}

}  // namespace

std::string render_table(const std::vector<measure::Summary>& summaries, bool colour) {
  constexpr std::string_view k_bold = "\x1b[1m";
  constexpr std::string_view k_red = "\x1b[31m";
  constexpr std::string_view k_plain = "\x1b[0m";
  std::string text = fmt::format("{:<14} {:>8} {:>8} {:>7} {:>32} {:>9} {:>9}\n", "", "", "", "",
                                 "TTFT ms (successes)", "ITL ms", "tokens/s");
  text += fmt::format(k_row, "PROVIDER", "ATTEMPTS", "FAILURES", "SUSPECT", "p50", "p95", "p99",
                      "p50", "p50", "LAST OUTCOME");
  if (colour) {
    text = fmt::format("{}{}{}", k_bold, text, k_plain);
  }
  for (const measure::Summary& summary : summaries) {
    const bool failing = summary.last && summary.last->outcome != measure::Outcome::success;
    text += colour && failing ? fmt::format("{}{}{}", k_red, row(summary), k_plain) : row(summary);
  }
  return text;
}

}  // namespace inferometer::cli
