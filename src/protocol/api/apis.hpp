#pragma once

#include "protocol/protocol.hpp"

#include <nlohmann/json_fwd.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

// What each API has for its row in the table of protocols; a source of its own defines it.

/// Anthropic's Messages (POST {base_url}/messages). Source: Anthropic's API reference.
namespace inferometer::protocol::anthropic {

/// The members of a request's body other than the model and how it is asked.
[[nodiscard]] nlohmann::json request_members(const Generation& generation);

[[nodiscard]] HttpRequest make_request(const Generation& generation);
[[nodiscard]] std::unique_ptr<Decoder> make_stream_decoder();
[[nodiscard]] std::unique_ptr<Decoder> make_body_decoder();

}  // namespace inferometer::protocol::anthropic

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

/// Amazon Bedrock's InvokeModel for Anthropic's models, whose own events travel within it (POST
/// {base_url}/model/{model}/invoke-with-response-stream, or /invoke). Source: AWS' Amazon Bedrock
/// API Reference, InvokeModelWithResponseStream.
namespace inferometer::protocol::bedrock_invoke {

[[nodiscard]] HttpRequest make_request(const Generation& generation);
[[nodiscard]] std::unique_ptr<Decoder> make_stream_decoder();
[[nodiscard]] std::unique_ptr<Decoder> make_body_decoder();

}  // namespace inferometer::protocol::bedrock_invoke

/// Google's generateContent (POST {base_url}/models/{model}:streamGenerateContent), as Gemini's API
/// and Vertex AI offer it. Source: Google's API reference and the google-genai client.
namespace inferometer::protocol::gemini {

[[nodiscard]] HttpRequest make_request(const Generation& generation);
[[nodiscard]] std::unique_ptr<Decoder> make_stream_decoder();
[[nodiscard]] std::unique_ptr<Decoder> make_body_decoder();

}  // namespace inferometer::protocol::gemini

/// Ollama's own chat (POST {base_url}/api/chat). Source: Ollama's docs/api.md.
namespace inferometer::protocol::ollama {

[[nodiscard]] HttpRequest make_request(const Generation& generation);
[[nodiscard]] std::unique_ptr<Decoder> make_stream_decoder();
[[nodiscard]] std::unique_ptr<Decoder> make_body_decoder();

}  // namespace inferometer::protocol::ollama

/// OpenAI's Chat Completions (POST {base_url}/chat/completions) and the servers that imitate it.
/// Source: OpenAI's API reference; the tolerance is for vLLM, SGLang, TGI, llama.cpp, DeepSeek,
/// OpenRouter, Azure, Groq and Together, whose streams differ.
namespace inferometer::protocol::openai_chat {

[[nodiscard]] HttpRequest make_request(const Generation& generation);
[[nodiscard]] std::unique_ptr<Decoder> make_stream_decoder();
[[nodiscard]] std::unique_ptr<Decoder> make_body_decoder();

}  // namespace inferometer::protocol::openai_chat

/// The older Completions (POST {base_url}/completions), which self-hosted servers still offer: a
/// prompt without roles. Source: OpenAI's API reference; the tolerance is that of openai-chat.
namespace inferometer::protocol::openai_completions {

[[nodiscard]] HttpRequest make_request(const Generation& generation);
[[nodiscard]] std::unique_ptr<Decoder> make_stream_decoder();
[[nodiscard]] std::unique_ptr<Decoder> make_body_decoder();

}  // namespace inferometer::protocol::openai_completions

/// OpenAI's Responses (POST {base_url}/responses). Source: OpenAI's API reference.
namespace inferometer::protocol::openai_responses {

[[nodiscard]] HttpRequest make_request(const Generation& generation);
[[nodiscard]] std::unique_ptr<Decoder> make_stream_decoder();
[[nodiscard]] std::unique_ptr<Decoder> make_body_decoder();

}  // namespace inferometer::protocol::openai_responses
