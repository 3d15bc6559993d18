#pragma once

#include "measure/recent_measurements.hpp"
#include "web/api/query.hpp"

#include <string>
#include <string_view>

namespace inferometer::web {

/// Which measurements there can be, to tell why one is not among them.
struct Retention {
  measure::RecentMeasurements::Room room;
  measure::RecentMeasurements::Reach reach;
  base::WallTime started{};  ///< of the daemon: nothing is older
};

/// The page of /api/v1/measurements, to find what went wrong: a table that leads to each timeline.
/// Names and details are escaped; links are relative to that path.
[[nodiscard]] std::string render_measurement_list(const Measurements& measurements,
                                                  const MeasurementQuery& query,
                                                  const Retention& retention, base::WallTime now);

/// The page of a measurement that is not known, or not any more: what may have become of it. `id`
/// is of hexadecimal digits.
[[nodiscard]] std::string render_unknown_measurement(std::string_view id,
                                                     const Retention& retention,
                                                     base::WallTime now);

}  // namespace inferometer::web
