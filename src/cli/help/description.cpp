#include "cli/help/description.hpp"

namespace inferometer::cli::help {
namespace {

CommandHelp describe_command(const CLI::App& app, std::string name) {
  CommandHelp command{.name = std::move(name),
                      .text = app.get_description(),
                      .flags = {},
                      .footer = app.get_footer()};
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_lnames().empty() || option->get_group().empty()) {
      continue;
    }
    const std::vector<std::string>& short_names = option->get_snames();
    command.flags.push_back({.short_name = short_names.empty() ? "" : "-" + short_names.front(),
                             .long_name = "--" + option->get_lnames().front(),
                             .text = option->get_description(),
                             .default_value = option->get_default_str(),
                             .takes_value = option->get_items_expected_max() > 0});
  }
  return command;
}

}  // namespace

std::vector<CommandHelp> describe(const CLI::App& app) {
  std::vector<CommandHelp> commands{describe_command(app, "")};
  for (const CLI::App* subcommand : app.get_subcommands([](const CLI::App*) { return true; })) {
    commands.push_back(describe_command(*subcommand, subcommand->get_name()));
  }
  return commands;
}

}  // namespace inferometer::cli::help
