#include "sim/listener.hpp"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>
#include <system_error>

namespace inferometer::sim {
namespace {

constexpr int k_backlog = 4096;

std::string error_text(int number) {
  return std::generic_category().message(number);
}

base::Result<base::Descriptor> listen_at(const addrinfo& info, std::string_view address) {
  base::Descriptor socket(::socket(info.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int on = 1;
  // Without it a restart would have to wait until old connections are forgotten.
  if (!socket.valid() || setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      bind(socket.get(), info.ai_addr, info.ai_addrlen) != 0 ||
      listen(socket.get(), k_backlog) != 0) {
    const int number = errno;
    const std::string_view advice = number == EADDRINUSE
                                        ? ": stop the process that uses the port, choose another "
                                          "port, or port 0 for any that is free"
                                        : "";
    return base::fail(
        fmt::format("cannot listen on {}: {}{}", address, error_text(number), advice));
  }
  return socket;
}

}  // namespace

base::Result<base::Descriptor> listen_on(std::string_view address) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string_view::npos) {
    return base::fail(fmt::format("'{}' is not an address: write host:port", address));
  }
  std::string_view host = address.substr(0, colon);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  addrinfo hints{};
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const std::string host_text(host);
  const std::string port_text(address.substr(colon + 1));
  const int result = getaddrinfo(host_text.empty() ? nullptr : host_text.c_str(), port_text.c_str(),
                                 &hints, &found);
  if (result != 0) {
    return base::fail(
        fmt::format("cannot listen on '{}': {}: write host:port", address, gai_strerror(result)));
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, freeaddrinfo);
  return listen_at(*found, address);
}

base::Result<std::uint16_t> bound_port(const base::Descriptor& socket) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  auto* address = reinterpret_cast<sockaddr*>(&storage);
  if (getsockname(socket.get(), address, &size) != 0) {
    return base::fail(fmt::format("cannot tell the port of a socket: {}", error_text(errno)));
  }
  const in_port_t port = storage.ss_family == AF_INET6
                             ? reinterpret_cast<const sockaddr_in6*>(address)->sin6_port
                             : reinterpret_cast<const sockaddr_in*>(address)->sin_port;
  return ntohs(port);
}

base::Descriptor accept_from(const base::Descriptor& socket) {
  base::Descriptor connection(
      accept4(socket.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (connection.valid()) {
    const int on = 1;
    // Cannot fail on a TCP socket; events would only be merged if it did.
    setsockopt(connection.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  return connection;
}

}  // namespace inferometer::sim
