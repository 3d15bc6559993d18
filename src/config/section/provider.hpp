#pragma once

#include "config/config.hpp"
#include "config/yaml/reader.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace inferometer::config {

/// What a configuration must know of a protocol that it names.
struct ProtocolTraits {
  std::string name;
  bool takes_ignore_eos = false;
};

/// Reads the list `providers` of the file. Paths in it start from `folder`. A provider of which
/// something was refused is returned nevertheless, so that references to it do not fail as well.
[[nodiscard]] std::vector<Provider> read_providers(const MappingReader& file,
                                                   const std::vector<ProtocolTraits>& protocols,
                                                   const std::filesystem::path& folder);

}  // namespace inferometer::config
