#pragma once

#include "metrics/recorder.hpp"

#include <cstddef>
#include <memory>

namespace inferometer::scrape_cost {

/// The series of one target that has a sample for everything (docs/metrics.md).
inline constexpr std::size_t k_series_per_target = 250;

/// A recorder of so many targets, each with some hundred attempts whose latencies are log-normal.
[[nodiscard]] std::unique_ptr<metrics::Recorder> make_registry(std::size_t targets);

}  // namespace inferometer::scrape_cost
