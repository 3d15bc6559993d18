#pragma once

#include "config/config.hpp"
#include "config/reader.hpp"

#include <vector>

namespace inferometer::config {

/// One entry of the list `slos`, not yet checked against what it matches, and where its parts
/// stand.
struct SloEntry {
  Slo slo;
  Mark sli;  ///< of the threshold
  Mark match;
  Mark provider;
  Mark model;
  Mark workload;
};

/// Reads the list `slos` of the file, of at most 1,000; also what was refused in part, which then
/// matches more than it was meant to.
[[nodiscard]] std::vector<SloEntry> read_slo_entries(const MappingReader& file);

}  // namespace inferometer::config
