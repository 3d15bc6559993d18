#pragma once

#include "measure/measurement.hpp"

#include <string>

namespace inferometer::web {

/// The attempt as a waterfall on one axis of time: its phases, the way to the first text, each
/// arrival of text, and what was under way when the attempt failed. One `svg` element for a page
/// that has k_measurement_style; its width is that of its parent, and its size is bounded however
/// many arrivals there were.
[[nodiscard]] std::string render_timeline_picture(const measure::Measurement& measurement);

}  // namespace inferometer::web
