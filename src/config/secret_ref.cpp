#include "config/secret_ref.hpp"

#include "config/values.hpp"

#include <fmt/format.h>

namespace inferometer::config {

std::optional<SecretRef> read_secret_ref(const MappingReader& mapping, SecretKeys keys,
                                         const std::filesystem::path& folder) {
  SecretRef in_variable{.kind = SecretRef::Kind::environment, .name = {}};
  SecretRef in_file{.kind = SecretRef::Kind::file, .name = {}};
  mapping.read(keys.variable, in_variable.name, parse_variable_name);
  mapping.read(keys.file, in_file.name,
               [&folder](std::string_view text) { return parse_path(text, folder); });
  if (mapping.find(keys.variable) != nullptr && mapping.find(keys.file) != nullptr) {
    mapping.problems().add(mapping.mark(keys.file),
                           fmt::format("both {} and {} are given", keys.variable, keys.file),
                           "keep one of them");
  }
  if (!in_variable.name.empty()) {
    return in_variable;
  }
  return in_file.name.empty() ? std::nullopt : std::optional(in_file);
}

SecretRef read_required_secret_ref(const MappingReader& mapping, SecretKeys keys,
                                   const std::filesystem::path& folder) {
  mapping.require_either(keys.variable, keys.file);
  return read_secret_ref(mapping, keys, folder).value_or(SecretRef());
}

}  // namespace inferometer::config
