#pragma once

#include "cli/help/description.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace inferometer::cli::help {

/// The manual page inferometer(1), in man(7)'s macros.
[[nodiscard]] std::string to_manual(const std::vector<CommandHelp>& commands,
                                    std::string_view version);

}  // namespace inferometer::cli::help
