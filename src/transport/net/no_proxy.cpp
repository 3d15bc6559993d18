#include "transport/net/no_proxy.hpp"

#include "base/ascii.hpp"
#include "transport/net/address.hpp"

#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace inferometer::transport::net {
namespace {

/// The 4 or 16 bytes of an address.
std::string_view bytes_of(const Address& address) {
  const char* const begin = reinterpret_cast<const char*>(&address.storage);
  return address.family() == AF_INET
             ? std::string_view(begin + offsetof(sockaddr_in, sin_addr), sizeof(in_addr))
             : std::string_view(begin + offsetof(sockaddr_in6, sin6_addr), sizeof(in6_addr));
}

bool have_same_bits(std::string_view a, std::string_view b, std::size_t bits) {
  for (std::size_t at = 0; at * 8 < bits; ++at) {
    const unsigned differing =
        static_cast<unsigned char>(a[at]) ^ static_cast<unsigned char>(b[at]);
    const std::size_t beyond = 8 - std::min<std::size_t>(8, bits - at * 8);
    if (differing >> beyond != 0) {
      return false;
    }
  }
  return true;
}

/// `entry` is an address, in brackets or not, or a network such as 10.0.0.0/8.
bool covers(std::string_view entry, const Address& address) {
  const std::size_t slash = entry.find('/');
  std::string_view network = entry.substr(0, slash);
  if (network.starts_with('[') && network.ends_with(']')) {
    network = network.substr(1, network.size() - 2);
  }
  const auto other = parse_address(network, 0);
  if (!other || other->family() != address.family()) {
    return false;
  }
  const std::string_view bytes = bytes_of(address);
  std::size_t bits = bytes.size() * 8;
  if (slash != std::string_view::npos) {
    const char* const end = entry.data() + entry.size();
    const auto read = std::from_chars(entry.data() + slash + 1, end, bits);
    if (read.ec != std::errc() || read.ptr != end || bits > bytes.size() * 8) {
      return false;
    }
  }
  return have_same_bits(bytes, bytes_of(*other), bits);
}

/// The colons of a bare IPv6 address are no ports'.
std::string_view without_port(std::string_view entry) {
  const std::size_t colon = entry.rfind(':');
  const bool has_port = colon != std::string_view::npos &&
                        (entry.find(':') == colon || (colon > 0 && entry[colon - 1] == ']'));
  return has_port ? entry.substr(0, colon) : entry;
}

}  // namespace

bool is_excepted(std::string_view list, std::string_view host) {
  const auto address = parse_address(host.substr(0, host.find('%')), 0);
  const std::vector<std::string_view> entries = base::split(list, ',');
  return std::any_of(entries.begin(), entries.end(), [&](std::string_view entry) {
    entry = without_port(base::trimmed(entry));
    return entry == "*" || (address ? covers(entry, *address) : is_in_domain(host, entry));
  });
}

}  // namespace inferometer::transport::net
