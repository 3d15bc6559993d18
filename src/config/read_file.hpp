#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace inferometer::config {

/// The content of a regular file of at most `max_bytes`. Never blocks on a FIFO or a device. The
/// error names the reason, not the path.
[[nodiscard]] base::Result<std::string> read_file(const std::string& path, std::size_t max_bytes);

/// The folder of a file: where relative paths in it start from. That of standard input is the
/// current one.
[[nodiscard]] std::filesystem::path folder_of(const std::string& file_name);

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

/// What the daemon waits at most for a file that it reads while it runs.
inline constexpr base::Duration k_read_limit = std::chrono::seconds(1);

/// As read_file, but waits no longer than `limit`: a file on a network's file system can keep its
/// reader for ever, and no system call says so before. The read itself goes on, on a thread that is
/// left behind; what it brings serves the next caller of that path, who does not wait again, and
/// begins another read. At most 16 such threads at once. Thread-safe.
[[nodiscard]] base::Result<std::string> read_file_within(base::Duration limit,
                                                         const std::string& path,
                                                         std::size_t max_bytes);

/// The same with another way to read a path, for tests. What `read` refers to must live for ever.
[[nodiscard]] base::Result<std::string> read_within(
    base::Duration limit, const std::string& path,
    const std::function<base::Result<std::string>(const std::string& path)>& read);

}  // namespace inferometer::config
