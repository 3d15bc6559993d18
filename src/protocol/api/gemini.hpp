#pragma once

#include "protocol/protocol.hpp"

#include <memory>

/// Google's generateContent (POST {base_url}/models/{model}:streamGenerateContent), as Gemini's API
/// and Vertex AI offer it. Source: Google's API reference and the google-genai client.
namespace inferometer::protocol::gemini {

[[nodiscard]] HttpRequest make_request(const Generation& generation);
[[nodiscard]] std::unique_ptr<Decoder> make_stream_decoder();
[[nodiscard]] std::unique_ptr<Decoder> make_body_decoder();

}  // namespace inferometer::protocol::gemini
