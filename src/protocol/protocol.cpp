#include "protocol/protocol.hpp"

#include "protocol/api/apis.hpp"

#include <algorithm>
#include <array>

namespace inferometer::protocol {
namespace {

constexpr std::array k_protocols{
    Protocol{.name = "openai-chat",
             .stream_content_type = "text/event-stream",
             .api_key_header = "api-key",  // Azure's
             .takes_ignore_eos = true,
             .make_request = openai_chat::make_request,
             .make_stream_decoder = openai_chat::make_stream_decoder,
             .make_body_decoder = openai_chat::make_body_decoder},
    Protocol{.name = "openai-responses",
             .stream_content_type = "text/event-stream",
             .api_key_header = "api-key",
             .takes_ignore_eos = false,
             .make_request = openai_responses::make_request,
             .make_stream_decoder = openai_responses::make_stream_decoder,
             .make_body_decoder = openai_responses::make_body_decoder},
    Protocol{.name = "openai-completions",
             .stream_content_type = "text/event-stream",
             .api_key_header = "api-key",
             .takes_ignore_eos = true,
             .make_request = openai_completions::make_request,
             .make_stream_decoder = openai_completions::make_stream_decoder,
             .make_body_decoder = openai_completions::make_body_decoder},
    Protocol{.name = "anthropic",
             .stream_content_type = "text/event-stream",
             .api_key_header = "x-api-key",
             .takes_ignore_eos = false,
             .make_request = anthropic::make_request,
             .make_stream_decoder = anthropic::make_stream_decoder,
             .make_body_decoder = anthropic::make_body_decoder},
    Protocol{.name = "gemini",
             .stream_content_type = "text/event-stream",
             .api_key_header = "x-goog-api-key",
             .takes_ignore_eos = false,
             .make_request = gemini::make_request,
             .make_stream_decoder = gemini::make_stream_decoder,
             .make_body_decoder = gemini::make_body_decoder},
    Protocol{.name = "ollama",
             .stream_content_type = "application/x-ndjson",
             .api_key_header = "",
             .takes_ignore_eos = false,
             .make_request = ollama::make_request,
             .make_stream_decoder = ollama::make_stream_decoder,
             .make_body_decoder = ollama::make_body_decoder},
    Protocol{.name = "bedrock",
             .stream_content_type = "application/vnd.amazon.eventstream",
             .api_key_header = "",
             .takes_ignore_eos = false,
             .make_request = bedrock::make_request,
             .make_stream_decoder = bedrock::make_stream_decoder,
             .make_body_decoder = bedrock::make_body_decoder},
    Protocol{.name = "bedrock-invoke",
             .stream_content_type = "application/vnd.amazon.eventstream",
             .api_key_header = "",
             .takes_ignore_eos = false,
             .make_request = bedrock_invoke::make_request,
             .make_stream_decoder = bedrock_invoke::make_stream_decoder,
             .make_body_decoder = bedrock_invoke::make_body_decoder},
};

}  // namespace

std::span<const Protocol> protocols() {
  return k_protocols;
}

std::vector<Header> json_headers(const Generation& generation) {
  return {{"Content-Type", "application/json"},
          {"Accept", generation.stream ? "text/event-stream" : "application/json"}};
}

const Protocol* find_protocol(std::string_view name) {
  const auto* const found =
      std::find_if(k_protocols.begin(), k_protocols.end(),
                   [name](const Protocol& protocol) { return protocol.name == name; });
  return found == k_protocols.end() ? nullptr : found;
}

}  // namespace inferometer::protocol
