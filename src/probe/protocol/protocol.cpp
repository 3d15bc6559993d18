#include "probe/protocol/protocol.hpp"

#include "probe/protocol/openai_chat.hpp"

#include <algorithm>
#include <array>

namespace inferometer::probe::protocol {
namespace {

constexpr std::array k_protocols{
    Protocol{.name = "openai-chat",
             .stream_content_type = "text/event-stream",
             .api_key_header = "api-key",  // Azure's
             .takes_ignore_eos = true,
             .make_request = openai_chat::make_request,
             .make_stream_decoder = openai_chat::make_stream_decoder,
             .make_body_decoder = openai_chat::make_body_decoder},
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

}  // namespace inferometer::probe::protocol
