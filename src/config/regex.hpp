#pragma once

#include "base/error.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}  // namespace re2

namespace inferometer::config {

/// Compiles within 8 MiB; RE2's own error otherwise.
[[nodiscard]] base::Result<std::unique_ptr<re2::RE2>> compile_regex(const std::string& pattern);

/// A regular expression of 1 to 1000 bytes that RE2 compiles within 8 MiB. The error is RE2's.
[[nodiscard]] base::Result<std::string> parse_regex(std::string_view text);

}  // namespace inferometer::config
