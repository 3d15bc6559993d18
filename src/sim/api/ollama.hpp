#pragma once

#include "sim/api/wire_format.hpp"

namespace inferometer::sim {

/// Ollama's chat, in lines of JSON: wire-protocols §7. The line with `done` ends the stream, so it
/// is the terminator; there are no comments. A request with `think: false` sees no reasoning.
[[nodiscard]] WireFormat ollama();

}  // namespace inferometer::sim
