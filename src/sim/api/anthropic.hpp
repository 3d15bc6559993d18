#pragma once

#include "sim/api/wire_format.hpp"

#include <memory>

namespace inferometer::sim {

/// Anthropic's Messages, also as Vertex AI hosts them: wire-protocols §5. A comment is a ping.
[[nodiscard]] WireFormat anthropic();

/// Writes its answers.
[[nodiscard]] std::unique_ptr<Renderer> make_anthropic_renderer(const Ask& ask,
                                                                const Behaviour& behaviour,
                                                                AnswerId id);

/// The object that reports an error, before a stream and in it.
[[nodiscard]] std::string anthropic_error_object(const ApiError& error);

/// The request without its path and headers: what Bedrock passes on to a model of Anthropic's too.
/// `ask.model` and `ask.stream` are the caller's.
[[nodiscard]] base::Result<Ask> parse_anthropic_body(std::string_view body, Ask ask, bool hosted);

}  // namespace inferometer::sim
