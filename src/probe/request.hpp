#pragma once

#include "config/config.hpp"
#include "probe/prompt/prompt.hpp"
#include "protocol/protocol.hpp"
#include "transport/transport.hpp"

namespace inferometer::probe {

/// The request of one attempt at `target`, still without credentials and the proxy's password.
[[nodiscard]] transport::Request make_request(const config::Target& target,
                                              const protocol::Protocol& protocol,
                                              prompt::Prompt prompt);

}  // namespace inferometer::probe
