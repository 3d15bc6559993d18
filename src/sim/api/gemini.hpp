#pragma once

#include "sim/api/wire_format.hpp"

namespace inferometer::sim {

/// Google's Gemini API, also as Vertex AI serves it: wire-protocols §6. The end of the body ends
/// the stream, so there is no terminator. Thoughts are shown only to those who ask for them with
/// `includeThoughts`. A stream must be asked for with `alt=sse`: the array of JSON that the real
/// API gives without it is not served.
[[nodiscard]] WireFormat gemini();

}  // namespace inferometer::sim
