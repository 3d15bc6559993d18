#pragma once

#include "base/error.hpp"
#include "config/config.hpp"
#include "config/yaml/reader.hpp"

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace inferometer::config {

/// Reads the prompt files of one configuration: each path once, so that all who name it share its
/// text, and all of them together at most 64 MiB.
class PromptFiles {
 public:
  /// Paths start from `folder`.
  explicit PromptFiles(std::filesystem::path folder) : m_folder(std::move(folder)) {}

  /// The file at `path`: a regular one of 1 byte to 1 MiB of UTF-8. The error says what is wrong
  /// with it.
  [[nodiscard]] base::Result<PromptFile> read(std::string_view path);

 private:
  base::Result<PromptFile> load(const std::string& path);

  const std::filesystem::path m_folder;
  std::map<std::string, base::Result<PromptFile>> m_known;
  std::size_t m_bytes = 0;
};

/// Reads the list `workloads` of the file and the prompt files that it names; like read_providers,
/// also what was refused in part.
[[nodiscard]] std::vector<Workload> read_workloads(const MappingReader& file,
                                                   PromptFiles& prompt_files);

}  // namespace inferometer::config
