#pragma once

#include "sim/wire_format.hpp"

#include <string>
#include <string_view>

namespace inferometer::sim {

/// OpenAI Chat Completions in the dialect of vLLM, with the variations of Behaviour:
/// wire-protocols §1 and §3.
[[nodiscard]] WireFormat openai_chat();

/// The reply to `GET /v1/models` of a server with one model.
[[nodiscard]] std::string render_openai_models(std::string_view model);

}  // namespace inferometer::sim
