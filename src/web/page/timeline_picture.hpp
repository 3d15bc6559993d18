#pragma once

#include "measure/measurement.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace inferometer::web {

enum class BarKind { setup, wait, text, ttft, stream };

/// One line of the picture of a timeline.
struct Bar {
  std::string_view name;
  BarKind kind = BarKind::setup;
  std::optional<base::MonotonicTime> begin;  ///< none: this part was not reached
  std::optional<base::Duration> span;        ///< none: nor was its end
  bool failed = false;  ///< the attempt failed in it, and `span` is until the attempt's end
};

/// The parts of an attempt from first to last: the phases of measure::phases, the way to the first
/// text, the stream, and what came after it.
[[nodiscard]] std::vector<Bar> timeline_bars(const measure::Measurement& measurement);

/// The attempt as a waterfall on one axis of time: its phases, the way to the first text, each
/// arrival of text, and what was under way when the attempt failed. One `svg` element for a page
/// that has k_measurement_style; its width is that of its parent, and its size is bounded however
/// many arrivals there were.
[[nodiscard]] std::string render_timeline_picture(const measure::Measurement& measurement);

}  // namespace inferometer::web
