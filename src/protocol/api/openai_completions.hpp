#pragma once

#include "protocol/protocol.hpp"

#include <memory>

/// The older Completions (POST {base_url}/completions), which self-hosted servers still offer: a
/// prompt without roles. Source: OpenAI's API reference; the tolerance is that of openai-chat.
namespace inferometer::protocol::openai_completions {

[[nodiscard]] HttpRequest make_request(const Generation& generation);
[[nodiscard]] std::unique_ptr<Decoder> make_stream_decoder();
[[nodiscard]] std::unique_ptr<Decoder> make_body_decoder();

}  // namespace inferometer::protocol::openai_completions
