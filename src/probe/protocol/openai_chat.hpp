#pragma once

#include "probe/protocol/protocol.hpp"

#include <memory>

/// OpenAI Chat Completions, and what the many compatible servers make of it.
/// Source: the published API description, and recorded traffic of the servers that differ.
namespace inferometer::probe::protocol::openai_chat {

[[nodiscard]] HttpRequest make_request(const Generation& generation);
[[nodiscard]] std::unique_ptr<Decoder> make_decoder();

}  // namespace inferometer::probe::protocol::openai_chat
