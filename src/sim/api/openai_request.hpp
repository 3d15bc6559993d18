#pragma once

#include "base/error.hpp"
#include "sim/api/wire_format.hpp"

#include <nlohmann/json.hpp>

namespace inferometer::sim {

/// The members that chat completions and completions share: model, stream and its options, the
/// bounds of the output, and vLLM's `ignore_eos` and `min_tokens`. The newer name of the bound wins
/// where both are given, as with vLLM. A path that names the model (Azure's) overrules the body.
[[nodiscard]] base::Result<Ask> read_openai_options(const nlohmann::json& body, const Call& call);

}  // namespace inferometer::sim
