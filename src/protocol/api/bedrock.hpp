#pragma once

#include "protocol/protocol.hpp"

#include <memory>

/// Amazon Bedrock's Converse, for every model that it hosts (POST
/// {base_url}/model/{model}/converse-stream, or /converse). Source: AWS' Amazon Bedrock API
/// Reference, ConverseStream, and recorded streams.
namespace inferometer::protocol::bedrock {

[[nodiscard]] HttpRequest make_request(const Generation& generation);
[[nodiscard]] std::unique_ptr<Decoder> make_stream_decoder();
[[nodiscard]] std::unique_ptr<Decoder> make_body_decoder();

/// `/model/{model}/{operation}`, with the `:` and `/` of the model's id escaped.
[[nodiscard]] std::string operation_path(std::string_view model, std::string_view operation);

/// The headers of a request to any of Bedrock's operations on models.
[[nodiscard]] std::vector<Header> request_headers(bool stream);

}  // namespace inferometer::protocol::bedrock
