#pragma once

#include "protocol/protocol.hpp"

#include <memory>

/// OpenAI's Chat Completions (POST {base_url}/chat/completions) and the servers that imitate it.
/// Source: OpenAI's API reference; the tolerance is for vLLM, SGLang, TGI, llama.cpp, DeepSeek,
/// OpenRouter, Azure, Groq and Together, whose streams differ.
namespace inferometer::protocol::openai_chat {

[[nodiscard]] HttpRequest make_request(const Generation& generation);
[[nodiscard]] std::unique_ptr<Decoder> make_stream_decoder();
[[nodiscard]] std::unique_ptr<Decoder> make_body_decoder();

}  // namespace inferometer::protocol::openai_chat
