#pragma once

#include "base/error.hpp"

#include <string>
#include <string_view>

namespace inferometer::config {

/// A JSON object of at most 4096 bytes, as text, that says nothing of `stream`: what is streamed is
/// for the workload to say.
[[nodiscard]] base::Result<std::string> parse_extra_body(std::string_view text);

}  // namespace inferometer::config
