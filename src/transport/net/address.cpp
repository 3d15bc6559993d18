#include "transport/net/address.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>

#include <array>
#include <cstring>

namespace inferometer::transport::net {

std::string to_string(const Address& address) {
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> port{};
  if (getnameinfo(address.get(), address.length, host.data(), host.size(), port.data(), port.size(),
                  NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return {};
  }
  return address.family() == AF_INET6 ? fmt::format("[{}]:{}", host.data(), port.data())
                                      : fmt::format("{}:{}", host.data(), port.data());
}

std::optional<Address> parse_address(std::string_view host, std::uint16_t port) {
  if (host.find('\0') != std::string_view::npos) {
    return std::nullopt;  // inet_pton would not see what follows
  }
  const std::string text(host);
  Address address;
  sockaddr_in ipv4{.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {}};
  sockaddr_in6 ipv6{.sin6_family = AF_INET6, .sin6_port = htons(port)};
  if (inet_pton(AF_INET, text.c_str(), &ipv4.sin_addr) == 1) {
    address.length = sizeof ipv4;
    std::memcpy(&address.storage, &ipv4, sizeof ipv4);
    return address;
  }
  if (inet_pton(AF_INET6, text.c_str(), &ipv6.sin6_addr) == 1) {
    address.length = sizeof ipv6;
    std::memcpy(&address.storage, &ipv6, sizeof ipv6);
    return address;
  }
  return std::nullopt;
}

}  // namespace inferometer::transport::net
