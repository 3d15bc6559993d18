#pragma once

#include "config/config.hpp"
#include "config/yaml/reader.hpp"
#include "config/yaml/substitute.hpp"

#include <filesystem>

/// Credentials that a cloud gives to who runs in it, instead of a secret. Where the file is silent,
/// the environment says what the vendors' libraries take from it too, as it was when the file was
/// loaded. A variable that is not set is no problem here, as the file may be checked elsewhere; one
/// that cannot be used is reported, without its value.
namespace inferometer::config {

/// Reads `aws`, if it has `credentials`.
[[nodiscard]] Auth read_aws_role(const MappingReader& aws, const std::filesystem::path& folder,
                                 const Environment& environment);

/// Reads `azure`.
[[nodiscard]] Auth read_azure(const MappingReader& azure, const std::filesystem::path& folder,
                              const Environment& environment);

/// What `google_metadata` of `auth` stands for.
[[nodiscard]] Auth read_google_metadata(const MappingReader& auth, const Environment& environment);

}  // namespace inferometer::config
