#pragma once

#include "measure/measurement.hpp"

#include <string>

namespace inferometer::web {

/// The page of one attempt, to see why it was slow: a picture of its timeline and its figures. HTML
/// that needs nothing else, neither scripts nor other resources, of bounded size. Names, the detail
/// and what a provider sent are escaped.
[[nodiscard]] std::string render_measurement_page(const measure::Measurement& measurement);

}  // namespace inferometer::web
