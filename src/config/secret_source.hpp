#pragma once

#include "base/error.hpp"
#include "base/secret.hpp"
#include "config/config.hpp"

#include <optional>

namespace inferometer::config {

/// The secret that `reference` names, as it is now: a changed file counts at the next call. One
/// line break at the end is no part of it. Refuses what is missing, empty, over 64 KiB, or holds
/// control characters; the error names the variable or path, never the content. Waits for a file no
/// longer than k_read_limit. Thread-safe as long as nothing changes the environment.
[[nodiscard]] base::Result<base::Secret> read_secret(const SecretRef& reference);

/// The same; an empty secret where none is named.
[[nodiscard]] base::Result<base::Secret> read_secret(const std::optional<SecretRef>& reference);

}  // namespace inferometer::config
