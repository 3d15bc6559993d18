#pragma once

#include "config/reader.hpp"
#include "config/reference.hpp"
#include "config/settings.hpp"

#include <optional>
#include <vector>

namespace inferometer::config {

/// One entry of the list `probes`, not yet checked against what it refers to.
struct ProbeEntry {
  Mark mark;
  std::vector<Reference> providers;
  std::optional<std::vector<Reference>> models;  ///< none: all
  std::vector<Reference> workloads;
  bool is_complete = true;  ///< no name of it was refused
  Settings settings;
};

/// Reads the list `probes` of the file.
[[nodiscard]] std::vector<ProbeEntry> read_probe_entries(const MappingReader& file,
                                                         const Settings& defaults);

}  // namespace inferometer::config
