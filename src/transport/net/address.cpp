#include "transport/net/address.hpp"

#include "base/ascii.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>

#include <array>
#include <cstring>

namespace inferometer::transport::net {
namespace {

std::string_view without_dot_at_end(std::string_view name) {
  return name.substr(0, name.size() - (name.ends_with('.') ? 1 : 0));
}

}  // namespace

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

bool is_in_domain(std::string_view host, std::string_view domain) {
  host = without_dot_at_end(host);
  domain = without_dot_at_end(domain);
  domain.remove_prefix(domain.starts_with('.') ? 1 : 0);
  if (domain.empty() || host.size() < domain.size() ||
      !base::equal_ignoring_case(host.substr(host.size() - domain.size()), domain)) {
    return false;
  }
  return host.size() == domain.size() || host[host.size() - domain.size() - 1] == '.';
}

}  // namespace inferometer::transport::net
