#pragma once

#include "base/error.hpp"
#include "base/secret.hpp"
#include "config/config.hpp"

#include <optional>
#include <string>
#include <vector>

namespace inferometer::config {

/// The secret that `reference` names, as it is now: a changed file counts at the next call. One
/// line break at the end is no part of it. Refuses what is missing, empty, over 64 KiB, or holds
/// control characters; the error names the variable or path, never the content. Waits for a file no
/// longer than k_read_limit. Thread-safe as long as nothing changes the environment.
[[nodiscard]] base::Result<base::Secret> read_secret(const SecretRef& reference);

/// The same; an empty secret where none is named.
[[nodiscard]] base::Result<base::Secret> read_secret(const std::optional<SecretRef>& reference);

/// A secret, or a file of certificates, that a provider names and that cannot be read now.
struct MissingSecret {
  std::string provider;
  std::string key;     ///< the key of the configuration that names it, such as `bearer_env`
  std::string source;  ///< the variable's name or the path
  std::string reason;  ///< what is wrong with which source; nothing of a secret is in it
  std::string hint;    ///< what the user of a daemon is to do about it; may be empty
  Mark mark{};         ///< of the provider's auth, if that is known and what names it
};

/// Tries each secret of the provider once, those of its server_metrics included. Waits for each
/// file no longer than k_read_limit. `auth` is where the file has the provider's auth.
[[nodiscard]] std::vector<MissingSecret> missing_secrets(const Provider& provider, Mark auth = {});

/// Those of all providers, in their order, with their marks.
[[nodiscard]] std::vector<MissingSecret> missing_secrets(const Config& config);

}  // namespace inferometer::config
