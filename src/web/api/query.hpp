#pragma once

#include "base/error.hpp"
#include "measure/measurement.hpp"
#include "web/status.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What `/api/v1/` is asked for, and what of it there is. Errors are for the client: they name what
/// is wrong and what there is instead.
namespace inferometer::web {

/// Names that must be the same, where they are given.
struct TargetQuery {
  std::optional<std::string> provider;
  std::optional<std::string> model;
  std::optional<std::string> workload;
  std::string filter;  ///< as select_targets takes it

  [[nodiscard]] bool includes(const config::TargetKey& key) const;
};
[[nodiscard]] base::Result<TargetQuery> read_target_query(std::string_view query);

/// Those that are asked for, in the order of select_targets; they point into `targets`.
[[nodiscard]] std::vector<const TargetStatus*> select_targets(
    const std::vector<TargetStatus>& targets, const TargetQuery& query, base::WallTime now);

inline constexpr std::size_t k_default_measurements = 100;
inline constexpr std::size_t k_max_measurements = 1000;

struct MeasurementQuery {
  enum class Kind { any, failed, suspect, one_outcome };
  enum class Order { newest, slowest };

  TargetQuery target;  ///< without a filter
  Kind kind = Kind::any;
  measure::Outcome outcome{};  ///< of `one_outcome`
  Order order = Order::newest;
  std::size_t limit = k_default_measurements;
};
[[nodiscard]] base::Result<MeasurementQuery> read_measurement_query(std::string_view query);

using Measurements = std::vector<std::shared_ptr<const measure::Measurement>>;

/// Those of `all` that are asked for, in that order. The slowest are those of the longest TTFT; of
/// failures, and where nothing streams, the duration counts.
[[nodiscard]] Measurements select_measurements(Measurements all, const MeasurementQuery& query);

}  // namespace inferometer::web
