#pragma once

#include "base/error.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace inferometer::config {

/// The content of a regular file of at most `max_bytes`. Never blocks on a FIFO or a device. The
/// error names the reason, not the path.
[[nodiscard]] base::Result<std::string> read_file(const std::string& path, std::size_t max_bytes);

/// How the command line names standard input where it asks for a file.
inline constexpr std::string_view k_standard_input = "-";

struct FileContent {
  std::string text;
  bool regular = true;  ///< a file that can be read again; else a pipe, a device or standard input
};

/// The same of anything that ends: a pipe and standard input are waited for, for as long as
/// somebody may write to them.
[[nodiscard]] base::Result<FileContent> read_file_or_pipe(const std::string& path,
                                                          std::size_t max_bytes);

}  // namespace inferometer::config
