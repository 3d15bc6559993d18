#pragma once

#include "transport/http/request_head.hpp"
#include "transport/route.hpp"
#include "transport/transport.hpp"

namespace inferometer::transport {

/// The head of a request that travels by `route`: its own headers, and those that identify this
/// client and the codings it understands.
[[nodiscard]] http::RequestHead make_head(const Request& request, const Route& route);

}  // namespace inferometer::transport
