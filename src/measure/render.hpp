#pragma once

#include "measure/measurement.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// One measurement for people and for programs.
namespace inferometer::measure {

/// A mark of a timeline by its name.
struct Mark {
  std::string_view name;
  std::optional<MonotonicTime> when;
};

/// The marks that were reached, in the order of time. Those of one instant keep the order of
/// Timeline.
[[nodiscard]] std::vector<Mark> reached_marks(const Timeline& timeline);

/// RFC 3339, in UTC, with milliseconds.
[[nodiscard]] std::string wall_clock(base::WallTime time);

/// The same without a fraction, for any year up to 9999.
[[nodiscard]] std::string wall_clock(std::chrono::sys_seconds time);

/// The timeline with its marks in the order reached, then the figures that follow from it. Several
/// lines, each ended; times are milliseconds since `started`.
[[nodiscard]] std::string to_timeline(const Measurement& measurement);

/// One JSON object: base units, marks as seconds since `started`, what was not reached or reported
/// left out.
[[nodiscard]] std::string to_json(const Measurement& measurement);

/// What the counts of a connection mean for the figures, for people; none where nothing was lost.
[[nodiscard]] std::vector<std::string_view> network_remarks(const TcpStats& tcp);

}  // namespace inferometer::measure
