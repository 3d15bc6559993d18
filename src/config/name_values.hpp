#pragma once

#include "config/reader.hpp"

#include <map>
#include <string>

/// The mappings of a provider whose keys are the user's own.
namespace inferometer::config {

/// Reads `headers`: at most 64, each name once in any case, none that carries a credential.
[[nodiscard]] std::map<std::string, std::string> read_headers(const MappingReader& provider);

/// Reads `query`: at most 16 parameters, none that carries a credential.
[[nodiscard]] std::map<std::string, std::string> read_query(const MappingReader& provider);

}  // namespace inferometer::config
