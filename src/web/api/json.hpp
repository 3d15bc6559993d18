#pragma once

#include "web/api/query.hpp"
#include "web/status.hpp"

#include <string>
#include <string_view>
#include <vector>

/// What `/api/v1/` answers: base units, times as RFC 3339 in UTC, what has no value left out, and
/// paths from the root of Inferometer. A success is the plain value; an error is written as
/// Prometheus' API does.
namespace inferometer::web {

/// An array with one object for each target.
[[nodiscard]] std::string targets_json(const std::vector<const TargetStatus*>& targets,
                                       base::WallTime now);

/// An array with one object for each measurement.
[[nodiscard]] std::string measurements_json(const Measurements& measurements);

/// `type` is one of Prometheus' error types, such as bad_data.
[[nodiscard]] std::string error_json(std::string_view type, std::string_view message);

}  // namespace inferometer::web
