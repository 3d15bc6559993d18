#pragma once

#include "base/error.hpp"

#include <string>
#include <string_view>

namespace inferometer::config {

/// A regular expression of 1 to 1000 bytes that RE2 compiles within 8 MiB. The error is RE2's.
[[nodiscard]] base::Result<std::string> parse_regex(std::string_view text);

}  // namespace inferometer::config
