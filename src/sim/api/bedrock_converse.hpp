#pragma once

#include "sim/api/wire_format.hpp"

namespace inferometer::sim {

/// AWS Bedrock's Converse and ConverseStream: wire-protocols §8. An event stream has no comments.
[[nodiscard]] WireFormat bedrock_converse();

}  // namespace inferometer::sim
