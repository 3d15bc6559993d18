#include "cli/help/completion.hpp"

#include <fmt/format.h>

#include <string_view>

namespace inferometer::cli::help {
namespace {

/// In single quotes, where a quote ends them, stands for itself, and begins them anew.
std::string shell_quote(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  }
  return quoted + "'";
}

std::string names_of(const std::vector<CommandHelp>& commands) {
  std::string names;
  for (const CommandHelp& command : commands) {
    if (!command.name.empty()) {
      names += (names.empty() ? "" : " ") + command.name;
    }
  }
  return names;
}

std::string flags_of(const CommandHelp& command) {
  std::string flags;
  for (const Flag& flag : command.flags) {
    flags += (flags.empty() ? "" : " ") + flag.long_name;
  }
  return flags;
}

/// What zsh's _arguments reads as syntax in a description.
std::string zsh_escape(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') {
      escaped += '\\';
    }
    escaped += c;
  }
  return escaped;
}

std::string zsh_arguments(const CommandHelp& command) {
  std::string arguments;
  for (const Flag& flag : command.flags) {
    const std::string spec =
        fmt::format("*{}{}[{}]{}", flag.long_name, flag.takes_value ? "=" : "",
                    zsh_escape(flag.text), flag.takes_value ? ":value:_files" : "");
    arguments += fmt::format(" \\\n        {}", shell_quote(spec));
  }
  return arguments;
}

/// fish quotes as the others do but for backslashes, and escapes a quote within quotes.
std::string fish_quote(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') {
      quoted += '\\';
    }
    quoted += c;
  }
  return quoted + "'";
}

}  // namespace

std::string to_bash_completion(const std::vector<CommandHelp>& commands) {
  std::string cases;
  for (const CommandHelp& command : commands) {
    if (!command.name.empty()) {
      cases += fmt::format("    {}) flags={} ;;\n", command.name, shell_quote(flags_of(command)));
    }
  }
  return fmt::format(R"(# bash completion for inferometer
_inferometer() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} command='' each
  local names={} flags={}
  for each in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    if [[ -n $each && " $names " == *" $each "* ]]; then
      command=$each
      break
    fi
  done
  case $command in
{}  esac
  if [[ $word == -* ]]; then
    COMPREPLY=($(compgen -W "$flags" -- "$word"))
  elif [[ -z $command && $before != -* && $before != = && $word != = ]]; then
    COMPREPLY=($(compgen -W "$names" -- "$word"))
  fi
}}
complete -o bashdefault -o default -F _inferometer inferometer
)",
                     shell_quote(names_of(commands)), shell_quote(flags_of(commands.front())),
                     cases);
}

std::string to_zsh_completion(const std::vector<CommandHelp>& commands) {
  std::string described;
  std::string cases;
  for (const CommandHelp& command : commands) {
    if (command.name.empty()) {
      continue;
    }
    described +=
        fmt::format("\n    {}", shell_quote(command.name + ":" + zsh_escape(command.text)));
    cases += fmt::format("    {})\n      _arguments{}\n      ;;\n", command.name,
                         zsh_arguments(command));
  }
  return fmt::format(R"(#compdef inferometer
_inferometer() {{
  local -a commands
  commands=({}
  )
  local curcontext=$curcontext state line
  _arguments -C{} \
        '1: :->command' '*:: :->rest' && return
  case $state in
    command) _describe command commands ;;
    rest)
      case $words[1] in
{}      esac
      ;;
  esac
}}
_inferometer "$@"
)",
                     described, zsh_arguments(commands.front()), cases);
}

std::string to_fish_completion(const std::vector<CommandHelp>& commands) {
  std::string script = "# fish completion for inferometer\n";
  for (const CommandHelp& command : commands) {
    const std::string condition = command.name.empty()
                                      ? "__fish_use_subcommand"
                                      : "__fish_seen_subcommand_from " + command.name;
    if (!command.name.empty()) {
      script += fmt::format("complete -c inferometer -n __fish_use_subcommand -f -a {} -d {}\n",
                            command.name, fish_quote(command.text));
    }
    for (const Flag& flag : command.flags) {
      const std::string short_name =
          flag.short_name.empty() ? "" : fmt::format(" -s {}", flag.short_name.substr(1));
      script += fmt::format("complete -c inferometer -n {}{} -l {}{} -d {}\n",
                            fish_quote(condition), short_name, flag.long_name.substr(2),
                            flag.takes_value ? " -r" : "", fish_quote(flag.text));
    }
  }
  return script;
}

}  // namespace inferometer::cli::help
