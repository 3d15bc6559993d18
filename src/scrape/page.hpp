#pragma once

#include "base/error.hpp"
#include "config/config.hpp"
#include "scrape/exposition_reader.hpp"
#include "scrape/figures.hpp"
#include "scrape/mapping.hpp"

#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace inferometer::scrape {

/// The parts of a server's page that are used.
struct ServerPage {
  std::vector<Sample> samples;          ///< that make figures, see figures_of()
  std::optional<double> process_start;  ///< Unix time in seconds
};

/// Reads a page of that kind of server. Refused are broken pages and those of something else; an
/// empty page is one of a server that has seen no request yet.
[[nodiscard]] base::Result<ServerPage> read_page(config::ServerKind kind, std::string_view text);

/// What Prometheus' client libraries show of every process.
inline constexpr std::string_view k_resident_memory = "process_resident_memory_bytes";

/// The samples of that source as one value; none if there are none, or they are no finite numbers ≥
/// 0.
[[nodiscard]] Figure combine(std::span<const Sample> samples, const Source& source, Combine how);

/// All figures that the samples of a page tell.
[[nodiscard]] ServerFigures figures_of(config::ServerKind kind, std::span<const Sample> samples);

}  // namespace inferometer::scrape
