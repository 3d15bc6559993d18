#include "base/listen.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <memory>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

namespace inferometer::base {
namespace {

using AddressList = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

struct HostPort {
  std::string host;  ///< empty: all interfaces
  std::string port;
};

std::optional<HostPort> split(std::string_view address) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string_view::npos) {
    return std::nullopt;
  }
  std::string_view host = address.substr(0, colon);
  const std::string_view port = address.substr(colon + 1);
  std::uint16_t number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (error != std::errc() || end != port.data() + port.size()) {
    return std::nullopt;
  }
  const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) {
    host = host.substr(1, host.size() - 2);
  }
  // Only brackets tell the colons of IPv6 from the one before the port.
  if (bracketed != (host.find(':') != std::string_view::npos)) {
    return std::nullopt;
  }
  return HostPort{std::string(host), std::string(port)};
}

std::string describe(int error, std::string_view setting) {
  switch (error) {
    case EADDRINUSE:
      return fmt::format("address already in use: stop the other process or choose another {}",
                         setting);
    case EADDRNOTAVAIL:
      return fmt::format("no interface of this machine has this address: choose another {}",
                         setting);
    case EACCES:
      return fmt::format(
          "permission denied: ports below 1024 need CAP_NET_BIND_SERVICE; choose another {}",
          setting);
    default:
      return std::generic_category().message(error);
  }
}

/// Fills in where the socket was bound, with the port that the kernel chose for 0; false and errno
/// if that cannot be told.
bool set_bound_address(Listener& listener) {
  sockaddr_storage bound{};
  socklen_t size = sizeof(bound);
  auto* const address = reinterpret_cast<sockaddr*>(&bound);
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> port{};
  if (getsockname(listener.socket.get(), address, &size) != 0) {
    return false;
  }
  if (getnameinfo(address, size, host.data(), host.size(), port.data(), port.size(),
                  NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    errno = EAFNOSUPPORT;
    return false;
  }
  const std::string_view text(host.data());
  const bool ipv6 = text.find(':') != std::string_view::npos;
  listener.address = fmt::format(fmt::runtime(ipv6 ? "[{}]:{}" : "{}:{}"), text, port.data());
  const std::string_view digits(port.data());
  std::from_chars(digits.data(), digits.data() + digits.size(), listener.port);
  return true;
}

/// The listener, or the errno that says why not.
tl::expected<Listener, int> listen_at(const addrinfo& address) {
  Listener listener;
  listener.socket = Descriptor(
      ::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP));
  const int fd = listener.socket.get();
  const int on = 1;
  const int off = 0;
  // REUSEADDR: a restart must not wait for the old connections' TIME_WAIT.
  if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
      (address.ai_family == AF_INET6 &&
       setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) != 0) ||
      ::bind(fd, address.ai_addr, address.ai_addrlen) != 0 || ::listen(fd, SOMAXCONN) != 0 ||
      !set_bound_address(listener)) {
    return tl::make_unexpected(errno);
  }
  return listener;
}

Result<AddressList> resolve(const HostPort& where) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  // RFC 6761: localhost is this host, also in a container without an /etc/hosts to say so.
  const std::string host = where.host == "localhost" ? "127.0.0.1" : where.host;
  addrinfo* found = nullptr;
  const int error =
      getaddrinfo(host.empty() ? nullptr : host.c_str(), where.port.c_str(), &hints, &found);
  if (error != 0) {
    return fail(fmt::format("the name does not resolve: {}", gai_strerror(error)));
  }
  return AddressList(found, &freeaddrinfo);
}

/// All interfaces are IPv6's wildcard, which takes IPv4 too; names are IPv4 where they have it, as
/// clients that say "localhost" often mean 127.0.0.1. The other family is the second choice.
Result<Listener> listen_on(const HostPort& where, std::string_view setting) {
  const Result<AddressList> resolved = resolve(where);
  if (!resolved) {
    return tl::make_unexpected(resolved.error());
  }
  std::vector<const addrinfo*> candidates;
  for (const addrinfo* each = resolved->get(); each != nullptr; each = each->ai_next) {
    candidates.push_back(each);
  }
  const int preferred = where.host.empty() ? AF_INET6 : AF_INET;
  std::stable_partition(candidates.begin(), candidates.end(),
                        [preferred](const addrinfo* each) { return each->ai_family == preferred; });
  int error = EADDRNOTAVAIL;
  for (const addrinfo* candidate : candidates) {
    tl::expected<Listener, int> listener = listen_at(*candidate);
    if (listener) {
      return std::move(*listener);
    }
    error = listener.error();
    // With the other family the caller would not learn that another process listens here.
    if (error == EADDRINUSE) {
      break;
    }
  }
  return fail(describe(error, setting));
}

}  // namespace

Result<std::vector<Listener>> listen_on(const std::vector<std::string>& addresses,
                                        std::string_view setting) {
  std::vector<Listener> listeners;
  for (const std::string& address : addresses) {
    const std::optional<HostPort> where = split(address);
    if (!where) {
      return fail(
          fmt::format("cannot listen on \"{}\": write host:port, [ipv6]:port or :port", address));
    }
    Result<Listener> listener = listen_on(*where, setting);
    if (!listener) {
      return fail(fmt::format("cannot listen on {}: {}", address, listener.error().message));
    }
    listeners.push_back(std::move(*listener));
  }
  return listeners;
}

Result<Listener> adopt_listener(Descriptor socket) {
  const int fd = socket.get();
  int listens = 0;
  int protocol = 0;
  socklen_t size = sizeof(int);
  if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 ||
      getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &size) != 0 || listens == 0 ||
      protocol != IPPROTO_TCP) {
    return fail("it is not a TCP socket that listens");
  }
  const int flags = fcntl(fd, F_GETFL);
  Listener listener{.socket = std::move(socket), .address = {}, .port = 0};
  if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 ||
      fcntl(fd, F_SETFD, FD_CLOEXEC) != 0 || !set_bound_address(listener)) {
    return fail(std::generic_category().message(errno));
  }
  return listener;
}

Descriptor accept_from(const Listener& listener) {
  Descriptor connection(
      ::accept4(listener.socket.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (connection.valid()) {
    const int on = 1;
    // Cannot fail on a TCP socket; small writes would only be merged if it did.
    ::setsockopt(connection.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  }
  return connection;
}

}  // namespace inferometer::base
