#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace inferometer::transport::net {

/// The address and port of a TCP peer, IPv4 or IPv6.
struct Address {
  sockaddr_storage storage{};
  socklen_t length = 0;

  [[nodiscard]] int family() const { return storage.ss_family; }
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

/// "address:port", IPv6 in brackets and with its zone; empty if it was not set.
[[nodiscard]] std::string to_string(const Address& address);

/// The address that `host` is, without a lookup; none if it is a name. An address with a zone
/// counts as a name: the lookup asks the system for its interfaces.
[[nodiscard]] std::optional<Address> parse_address(std::string_view host, std::uint16_t port);

/// Whether the name `host` is the domain or a name below it. A dot at the end of either, of an
/// absolute name, and one at the beginning of `domain` say nothing.
[[nodiscard]] bool is_in_domain(std::string_view host, std::string_view domain);

}  // namespace inferometer::transport::net
