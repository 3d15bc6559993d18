#pragma once

#include "config/config.hpp"
#include "fakes/temporary_folder.hpp"

#include <string_view>

namespace inferometer::probe::auth {

/// A file in `folder` that holds a secret.
inline config::SecretRef secret_file(const fakes::TemporaryFolder& folder, std::string_view name,
                                     std::string_view secret) {
  return {.kind = config::SecretRef::Kind::file, .name = folder.write(name, secret)};
}

/// A secret that cannot be read.
inline config::SecretRef missing_secret() {
  return {.kind = config::SecretRef::Kind::file, .name = "/nonexistent/secret"};
}

}  // namespace inferometer::probe::auth
