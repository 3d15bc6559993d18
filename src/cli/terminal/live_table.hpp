#pragma once

#include "cli/terminal/terminal.hpp"
#include "measure/summaries.hpp"

#include <string>
#include <vector>

namespace inferometer::cli {

/// The summaries as a table: provider, attempts, failures, suspects, TTFT p50/p95/p99, ITL p50,
/// output speed and the last outcome. No line is longer than the terminal: names and outcomes are
/// shortened. Where there are colours, failing rows are red. Each line is ended.
[[nodiscard]] std::string render_table(const std::vector<measure::Summary>& summaries,
                                       const Terminal& terminal);

}  // namespace inferometer::cli
