#pragma once

#include "config/reader.hpp"
#include "config/settings.hpp"

#include <optional>
#include <string>
#include <vector>

namespace inferometer::config {

/// A name that should exist elsewhere in the file.
struct Reference {
  std::string name;
  Mark mark;
};

/// One entry of the list `probes`, not yet checked against what it refers to.
struct ProbeEntry {
  Mark mark;
  std::vector<Reference> providers;
  std::optional<std::vector<Reference>> models;  ///< none: all
  std::vector<Reference> workloads;
  Settings settings;
};

/// Reads the list `probes` of the file.
[[nodiscard]] std::vector<ProbeEntry> read_probe_entries(const MappingReader& file,
                                                         const Settings& defaults);

}  // namespace inferometer::config
