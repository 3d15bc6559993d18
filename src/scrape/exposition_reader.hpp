#pragma once

#include "base/error.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

/// Reads the metrics that self-hosted LLM servers show of themselves, under one name for all kinds.
namespace inferometer::scrape {

struct Label {
  std::string name;
  std::string value;  ///< without escapes
};

/// One line of a page of metrics.
struct Sample {
  std::string name;
  std::vector<Label> labels;
  double value = 0;

  /// The label's value, or empty: for Prometheus both are the same.
  [[nodiscard]] std::string_view label(std::string_view label_name) const;
};

/// Whether the samples of that name are to be kept.
using NameFilter = std::function<bool(std::string_view name)>;

inline constexpr std::size_t k_max_page_bytes = std::size_t{8} * 1024 * 1024;
inline constexpr std::size_t k_max_line_bytes = std::size_t{64} * 1024;
inline constexpr std::size_t k_max_samples = 200'000;
inline constexpr std::size_t k_max_kept_samples = 10'000;

struct Page {
  std::vector<Sample> samples;  ///< those that were kept, in the order of the page
  std::size_t sample_count = 0;
};

/// Parses the Prometheus text format 0.0.4; of OpenMetrics it tolerates `# EOF`, exemplars and
/// timestamps with a fraction. Like Prometheus it refuses the whole page for one broken line, and
/// also for a last line without its end, which may be half a number. The error names the line.
/// Source: Prometheus' documentation, "Exposition formats".
[[nodiscard]] base::Result<Page> read_exposition(std::string_view text, const NameFilter& is_kept);

}  // namespace inferometer::scrape
