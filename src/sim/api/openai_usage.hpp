#pragma once

#include "sim/api/wire_format.hpp"
#include "sim/model/behaviour.hpp"

#include <string>
#include <string_view>

namespace inferometer::sim {

/// Appends the member `usage` of chat completions and completions, with the parts of its counts
/// that are to be named.
void append_openai_usage(std::string& out, const Usage& usage, Dialect dialect, UsageParts parts);

/// The finish reason of chat completions and completions.
[[nodiscard]] std::string_view openai_finish_reason(FinishReason reason);

}  // namespace inferometer::sim
