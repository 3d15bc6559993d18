#pragma once

#include "measure/measurement.hpp"

#include <string>

/// One measurement for people and for programs.
namespace inferometer::measure {

/// The timeline with its marks in the order reached, then the figures that follow from it. Several
/// lines, each ended; times are milliseconds since `started`.
[[nodiscard]] std::string to_timeline(const Measurement& measurement);

/// One JSON object: base units, marks as seconds since `started`, what was not reached or reported
/// left out.
[[nodiscard]] std::string to_json(const Measurement& measurement);

}  // namespace inferometer::measure
