#pragma once

#include "base/descriptor.hpp"
#include "base/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace inferometer::base {

/// A listening, non-blocking TCP socket and where it was bound.
struct Listener {
  Descriptor socket;
  std::string address;  ///< "127.0.0.1:9840", "[::1]:9840"
  std::uint16_t port = 0;
};

/// Listens on every address: "host:port", "[ipv6]:port", or ":port" for all interfaces in IPv6 and
/// IPv4; port 0 takes a free one. SO_REUSEPORT is never set: with it a second process would
/// silently take half of the connections. `setting` is where the user gave the address: an error
/// names it as the thing to change.
[[nodiscard]] Result<std::vector<Listener>> listen_on(const std::vector<std::string>& addresses,
                                                      std::string_view setting);

/// Takes over a socket that another program has made; it becomes non-blocking and is not inherited.
/// The error says why it is of no use: it is no TCP socket, or does not listen.
[[nodiscard]] Result<Listener> adopt_listener(Descriptor socket);

/// The next connection, non-blocking and without Nagle's delay, or an invalid one with errno set.
[[nodiscard]] Descriptor accept_from(const Listener& listener);

}  // namespace inferometer::base
