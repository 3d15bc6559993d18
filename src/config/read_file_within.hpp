#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"

#include <cstddef>
#include <functional>
#include <string>

namespace inferometer::config {

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
