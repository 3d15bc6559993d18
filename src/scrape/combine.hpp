#pragma once

#include "scrape/exposition_reader.hpp"
#include "scrape/figures.hpp"
#include "scrape/mapping.hpp"

#include <span>
#include <string_view>

namespace inferometer::scrape {

/// What Prometheus' client libraries show of every process.
inline constexpr std::string_view k_resident_memory = "process_resident_memory_bytes";

/// The samples of that source as one value; none if there are none, or they are no finite numbers ≥
/// 0.
[[nodiscard]] Figure combine(std::span<const Sample> samples, const Source& source, Combine how);

/// All figures that the samples of a page tell.
[[nodiscard]] ServerFigures figures_of(config::ServerKind kind, std::span<const Sample> samples);

}  // namespace inferometer::scrape
