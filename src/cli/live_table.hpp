#pragma once

#include "measure/summaries.hpp"

#include <string>
#include <vector>

namespace inferometer::cli {

/// The summaries as a table for a terminal: provider, attempts, failures, suspects, TTFT
/// p50/p95/p99, ITL p50, output speed and the last outcome. With `colour`, failing rows are red.
/// Each line is ended.
[[nodiscard]] std::string render_table(const std::vector<measure::Summary>& summaries, bool colour);

}  // namespace inferometer::cli
