#pragma once

#include "config/config.hpp"
#include "config/yaml/reader.hpp"
#include "config/yaml/substitute.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace inferometer::config {

/// What a configuration must know of a protocol that it names.
struct ProtocolTraits {
  std::string name;
  bool takes_ignore_eos = false;
};

struct ReadProviders {
  std::vector<Provider> providers;
  std::map<std::string, Mark> auth_marks;  ///< where the auth of each stands that has one
};

/// Reads the list `providers` of the file. Paths in it start from `folder`. A provider of which
/// something was refused is returned nevertheless, so that references to it do not fail as well.
[[nodiscard]] ReadProviders read_providers(const MappingReader& file,
                                           const std::vector<ProtocolTraits>& protocols,
                                           const std::filesystem::path& folder,
                                           const Environment& environment);

}  // namespace inferometer::config
