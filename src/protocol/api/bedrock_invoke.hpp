#pragma once

#include "protocol/protocol.hpp"

#include <memory>

/// Amazon Bedrock's InvokeModel for Anthropic's models, whose own events travel within it (POST
/// {base_url}/model/{model}/invoke-with-response-stream, or /invoke). Source: AWS' Amazon Bedrock
/// API Reference, InvokeModelWithResponseStream.
namespace inferometer::protocol::bedrock_invoke {

[[nodiscard]] HttpRequest make_request(const Generation& generation);
[[nodiscard]] std::unique_ptr<Decoder> make_stream_decoder();
[[nodiscard]] std::unique_ptr<Decoder> make_body_decoder();

}  // namespace inferometer::protocol::bedrock_invoke
