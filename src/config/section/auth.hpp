#pragma once

#include "config/config.hpp"
#include "config/yaml/reader.hpp"
#include "config/yaml/substitute.hpp"

#include <filesystem>
#include <optional>
#include <string_view>

namespace inferometer::config {

/// Reads a provider's `auth`: one kind at most, and reports a second. Paths start from `folder`;
/// `environment` is asked for what the clouds say there.
[[nodiscard]] Auth read_auth(const MappingReader& mapping, const std::filesystem::path& folder,
                             const Environment& environment);

/// The same of the `auth` of its `server_metrics`.
[[nodiscard]] ServerMetricsAuth read_server_metrics_auth(const MappingReader& mapping,
                                                         const std::filesystem::path& folder);

/// The two keys of a mapping that may say where one secret is.
struct SecretKeys {
  std::string_view variable;
  std::string_view file;
};

/// Reads whichever of the keys is given; none if neither is, or what it holds was refused. Reports
/// where both are given. Paths start from `folder`.
[[nodiscard]] std::optional<SecretRef> read_secret_ref(const MappingReader& mapping,
                                                       SecretKeys keys,
                                                       const std::filesystem::path& folder);

/// The same where the mapping makes no sense without the secret: reports also where neither key is
/// given. Then, and where it was refused, the reference is empty.
[[nodiscard]] SecretRef read_required_secret_ref(const MappingReader& mapping, SecretKeys keys,
                                                 const std::filesystem::path& folder);

}  // namespace inferometer::config
