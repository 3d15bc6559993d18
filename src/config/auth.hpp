#pragma once

#include "config/config.hpp"
#include "config/reader.hpp"

#include <filesystem>

namespace inferometer::config {

/// Reads a provider's `auth`: one kind at most, and reports a second. Paths start from `folder`.
[[nodiscard]] Auth read_auth(const MappingReader& mapping, const std::filesystem::path& folder);

/// The same of the `auth` of its `server_metrics`.
[[nodiscard]] ServerMetricsAuth read_server_metrics_auth(const MappingReader& mapping,
                                                         const std::filesystem::path& folder);

}  // namespace inferometer::config
