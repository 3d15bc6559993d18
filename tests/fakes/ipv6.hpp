#pragma once

#include "base/descriptor.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>

/// What tests of servers ask about IPv6, which a machine or a container may not have.
namespace inferometer::fakes {

inline sockaddr_in6 ipv6_loopback(std::uint16_t port) {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  address.sin6_port = htons(port);
  return address;
}

inline bool machine_has_ipv6() {
  const base::Descriptor socket(::socket(AF_INET6, SOCK_STREAM, 0));
  const sockaddr_in6 address = ipv6_loopback(0);
  return socket.valid() &&
         ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
}

/// Whether a server takes a connection to `port` of this host over IPv6.
inline bool connects_over_ipv6(std::uint16_t port) {
  const base::Descriptor socket(::socket(AF_INET6, SOCK_STREAM, 0));
  const sockaddr_in6 address = ipv6_loopback(port);
  return socket.valid() &&
         ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
}

}  // namespace inferometer::fakes
