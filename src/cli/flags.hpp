#pragma once

#include "cli/command_line.hpp"

#include <CLI/CLI.hpp>

#include <string>

/// How flags are declared, for the functions that do so.
namespace inferometer::cli {

/// A check of CLI11's: the text of what is wrong, empty if nothing is.
template <typename Parse>
auto check_with(Parse parse) {
  return [parse](const std::string& text) {
    const auto value = parse(text);
    return value ? std::string() : value.error().message;
  };
}

/// Stores a flag's text in `target` after `parse`, whose error becomes CLI11's.
template <typename Value, typename Parse>
CLI::Option* add_parsed(CLI::App& app, const std::string& flag, Value& target, Parse parse,
                        const std::string& help) {
  return app
      .add_option_function<std::string>(
          flag,
          [&target, parse, flag](const std::string& text) {
            const auto value = parse(text);
            if (!value) {
              throw CLI::ValidationError(flag, value.error().message);
            }
            target = *value;
          },
          help)
      ->type_name("");
}

/// Declares the flags of `probe` on that command.
void add_probe_flags(CLI::App& probe, ProbeOptions& options);

}  // namespace inferometer::cli
