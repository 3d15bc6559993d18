#pragma once

#include "measure/measurement.hpp"

#include <string>
#include <string_view>
#include <vector>

/// One measurement for people and for programs.
namespace inferometer::measure {

/// The timeline with its marks in the order reached, then the figures that follow from it. Several
/// lines, each ended; times are milliseconds since `started`.
[[nodiscard]] std::string to_timeline(const Measurement& measurement);

/// One JSON object: base units, marks as seconds since `started`, what was not reached or reported
/// left out.
[[nodiscard]] std::string to_json(const Measurement& measurement);

/// What the counts of a connection mean for the figures, for people; none where nothing was lost.
[[nodiscard]] std::vector<std::string_view> network_remarks(const TcpStats& tcp);

}  // namespace inferometer::measure
