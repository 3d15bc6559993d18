#pragma once

#include "measure/measurement.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What the renderings of a measurement have in common.
namespace inferometer::measure {

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

}  // namespace inferometer::measure
