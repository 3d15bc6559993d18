#pragma once

#include "config/load.hpp"

#include <string>
#include <string_view>
#include <utility>

/// What the tests of the configuration share.
namespace inferometer::config::sample {

/// Two protocols, and a small environment that is not the process's.
[[nodiscard]] LoadOptions options();

/// A good file that uses every key.
[[nodiscard]] std::string full_text();

/// A small good file with more lines in its provider, workload, probe and at its end.
struct Extra {
  std::string_view provider;
  std::string_view workload;
  std::string_view probe;
  std::string_view file;
};
[[nodiscard]] std::string text_with(const Extra& extra);

/// Loads a text that must be good, as /etc/inferometer/config.yml.
[[nodiscard]] Config load_good(std::string_view text);

/// The messages of a text that must be bad, as `config.yml`.
[[nodiscard]] std::string load_bad(std::string_view text);

/// A secret in a variable, and one in a file.
[[nodiscard]] inline SecretRef variable(std::string name) {
  return {.kind = SecretRef::Kind::environment, .name = std::move(name)};
}
[[nodiscard]] inline SecretRef file(std::string path) {
  return {.kind = SecretRef::Kind::file, .name = std::move(path)};
}

/// The text of a file of the repository; `path` starts from its root.
[[nodiscard]] std::string read_repository_file(std::string_view path);

}  // namespace inferometer::config::sample
