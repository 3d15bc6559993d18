#pragma once

#include "measure/measurement.hpp"

#include <cstdint>
#include <optional>

namespace inferometer::metrics {

/// The measurement that a value came from, for an exemplar.
struct ExemplarSource {
  std::uint64_t measurement = 0;  ///< the id
  double unix_seconds = 0;        ///< when the attempt ended
};

/// No value if the id is none of ours: then there is nothing that an exemplar could point to.
[[nodiscard]] std::optional<ExemplarSource> exemplar_source(
    const measure::Measurement& measurement);

}  // namespace inferometer::metrics
