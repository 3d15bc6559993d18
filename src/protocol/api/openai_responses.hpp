#pragma once

#include "protocol/protocol.hpp"

#include <memory>

/// OpenAI's Responses (POST {base_url}/responses). Source: OpenAI's API reference.
namespace inferometer::protocol::openai_responses {

[[nodiscard]] HttpRequest make_request(const Generation& generation);
[[nodiscard]] std::unique_ptr<Decoder> make_stream_decoder();
[[nodiscard]] std::unique_ptr<Decoder> make_body_decoder();

}  // namespace inferometer::protocol::openai_responses
