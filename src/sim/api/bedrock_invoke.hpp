#pragma once

#include "sim/api/wire_format.hpp"

namespace inferometer::sim {

/// AWS Bedrock's InvokeModel and InvokeModelWithResponseStream with a model of Anthropic's,
/// whatever its name: wire-protocols §8.3 and §5. An event stream has no comments.
[[nodiscard]] WireFormat bedrock_invoke();

}  // namespace inferometer::sim
