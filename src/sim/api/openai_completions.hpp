#pragma once

#include "sim/api/wire_format.hpp"

namespace inferometer::sim {

/// OpenAI's legacy Completions, in its own dialect and in TGI's: wire-protocols §4. The reasoning
/// of a model is text like any other here.
[[nodiscard]] WireFormat openai_completions();

}  // namespace inferometer::sim
