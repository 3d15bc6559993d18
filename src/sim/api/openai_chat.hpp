#pragma once

#include "sim/api/wire_format.hpp"

#include <memory>

namespace inferometer::sim {

/// OpenAI Chat Completions in the dialects of Behaviour: wire-protocols §1 and §3.
[[nodiscard]] WireFormat openai_chat();

/// Writes its answers.
[[nodiscard]] std::unique_ptr<Renderer> make_chat_renderer(const Ask& ask,
                                                           const Behaviour& behaviour, AnswerId id);

}  // namespace inferometer::sim
