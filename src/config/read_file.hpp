#pragma once

#include "base/error.hpp"

#include <cstddef>
#include <string>

namespace inferometer::config {

/// The content of a regular file of at most `max_bytes`. Never blocks on a FIFO or a device. The
/// error names the reason, not the path.
[[nodiscard]] base::Result<std::string> read_file(const std::string& path, std::size_t max_bytes);

}  // namespace inferometer::config
