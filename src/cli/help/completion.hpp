#pragma once

#include "cli/help/description.hpp"

#include <string>
#include <vector>

/// Scripts by which shells complete the commands and flags; what a flag takes is completed as a
/// file's name.
namespace inferometer::cli::help {

[[nodiscard]] std::string to_bash_completion(const std::vector<CommandHelp>& commands);
[[nodiscard]] std::string to_zsh_completion(const std::vector<CommandHelp>& commands);
[[nodiscard]] std::string to_fish_completion(const std::vector<CommandHelp>& commands);

}  // namespace inferometer::cli::help
