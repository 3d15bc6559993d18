#pragma once

#include "base/descriptor.hpp"
#include "base/error.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace inferometer::base {

/// A listening, non-blocking TCP socket and where it was bound.
struct Listener {
  Descriptor socket;
  std::string address;  ///< "127.0.0.1:9840", "[::1]:9840"
  std::uint16_t port = 0;
};

/// Listens on every address: "host:port", "[ipv6]:port", or ":port" for all interfaces in IPv6 and
/// IPv4; port 0 takes a free one. SO_REUSEPORT is never set: with it a second daemon would silently
/// take half of the scrapes.
[[nodiscard]] Result<std::vector<Listener>> listen_on(const std::vector<std::string>& addresses);

}  // namespace inferometer::base
