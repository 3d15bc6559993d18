#include "daemon/load_options.hpp"

#include "protocol/protocol.hpp"

namespace inferometer::daemon {

config::LoadOptions load_options() {
  config::LoadOptions options;
  for (const protocol::Protocol& protocol : protocol::protocols()) {
    options.protocols.push_back(
        {.name = std::string(protocol.name), .takes_ignore_eos = protocol.takes_ignore_eos});
  }
  return options;
}

}  // namespace inferometer::daemon
