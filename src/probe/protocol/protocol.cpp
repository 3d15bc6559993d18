#include "probe/protocol/protocol.hpp"

#include "probe/protocol/openai_chat.hpp"

#include <algorithm>
#include <array>

namespace inferometer::probe::protocol {
namespace {

constexpr std::array k_protocols{
    Protocol{"openai-chat", "text/event-stream", openai_chat::make_request,
             openai_chat::make_decoder},
};

}  // namespace

std::span<const Protocol> protocols() {
  return k_protocols;
}

const Protocol* find_protocol(std::string_view name) {
  const auto* const found =
      std::find_if(k_protocols.begin(), k_protocols.end(),
                   [name](const Protocol& protocol) { return protocol.name == name; });
  return found == k_protocols.end() ? nullptr : found;
}

}  // namespace inferometer::probe::protocol
