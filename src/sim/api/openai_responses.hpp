#pragma once

#include "sim/api/wire_format.hpp"

#include <memory>

namespace inferometer::sim {

/// OpenAI's Responses: wire-protocols §2. The event that says how the response ended is the
/// terminator. Reasoning is shown, as a summary, only to those who ask for one.
[[nodiscard]] WireFormat openai_responses();

/// Writes its answers.
[[nodiscard]] std::unique_ptr<Renderer> make_responses_renderer(const Ask& ask,
                                                                const Behaviour& behaviour,
                                                                AnswerId id);

}  // namespace inferometer::sim
