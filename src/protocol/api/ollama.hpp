#pragma once

#include "protocol/protocol.hpp"

#include <memory>

/// Ollama's own chat (POST {base_url}/api/chat). Source: Ollama's docs/api.md.
namespace inferometer::protocol::ollama {

[[nodiscard]] HttpRequest make_request(const Generation& generation);
[[nodiscard]] std::unique_ptr<Decoder> make_stream_decoder();
[[nodiscard]] std::unique_ptr<Decoder> make_body_decoder();

}  // namespace inferometer::protocol::ollama
