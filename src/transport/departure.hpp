#pragma once

#include "transport/net/socket.hpp"
#include "transport/transport.hpp"

#include <optional>

namespace inferometer::transport {

/// When a request was given to the kernel, by our own clock.
struct RequestWrite {
  MonotonicTime first_begin{};  ///< before and after its first byte …
  std::optional<MonotonicTime> first_end;
  MonotonicTime last_begin{};  ///< … and its last one
  std::optional<MonotonicTime> last_end;
};

/// Reports when the request left and was acknowledged: by the kernel's stamps, or else by what our
/// own clock says of the writes. `ready`: when its connection was.
void report_departure(Report& report, net::Socket& socket, const RequestWrite& write,
                      MonotonicTime ready);

}  // namespace inferometer::transport
