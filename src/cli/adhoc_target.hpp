#pragma once

#include "base/error.hpp"
#include "cli/command_line.hpp"
#include "config/config.hpp"

namespace inferometer::cli {

struct ChosenTarget {
  config::Target target;
  config::Trust trust;
};

/// The target that `inferometer probe` is to probe: one of the file's, or one made of the flags.
/// The flags are checked by the same rules as a file.
[[nodiscard]] base::Result<ChosenTarget> choose_target(const ProbeOptions& options);

}  // namespace inferometer::cli
