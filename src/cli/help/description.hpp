#pragma once

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

/// What the command line says of itself, for everything that is generated from it.
namespace inferometer::cli::help {

struct Flag {
  std::string short_name;     ///< "-n"; empty: none
  std::string long_name;      ///< "--attempts"
  std::string text;           ///< what it does
  std::string default_value;  ///< empty: none that is shown
  bool takes_value = true;
};

struct CommandHelp {
  std::string name;  ///< of the subcommand; empty: of the program itself
  std::string text;
  std::vector<Flag> flags;
  std::string footer;  ///< more that its help says; empty: nothing
};

/// The program itself first, then its subcommands in their order. Hidden flags are left out.
[[nodiscard]] std::vector<CommandHelp> describe(const CLI::App& app);

}  // namespace inferometer::cli::help
