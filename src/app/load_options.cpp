#include "app/load_options.hpp"

#include "probe/protocol/protocol.hpp"

namespace inferometer::app {

config::LoadOptions load_options() {
  config::LoadOptions options;
  for (const probe::protocol::Protocol& protocol : probe::protocol::protocols()) {
    options.protocols.emplace_back(protocol.name);
  }
  return options;
}

}  // namespace inferometer::app
