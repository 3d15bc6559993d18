#pragma once

#include "base/descriptor.hpp"
#include "transport/net/address.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

namespace inferometer::transport::net {

inline Address loopback(std::uint16_t port) {
  return parse_address("127.0.0.1", port).value();
}

/// A socket that listens on loopback and accepts only when it is told to.
class Listener {
 public:
  explicit Listener(int backlog = 16) : m_socket(::socket(AF_INET, SOCK_STREAM, 0)) {
    const Address any_port = loopback(0);
    if (bind(m_socket.get(), any_port.get(), any_port.length) != 0 ||
        listen(m_socket.get(), backlog) != 0) {
      throw std::system_error(errno, std::generic_category(), "listen");
    }
    m_address.length = sizeof m_address.storage;
    getsockname(m_socket.get(), reinterpret_cast<sockaddr*>(&m_address.storage), &m_address.length);
  }
  [[nodiscard]] const Address& address() const { return m_address; }
  [[nodiscard]] base::Descriptor accept() const {
    return base::Descriptor(::accept(m_socket.get(), nullptr, nullptr));
  }

 private:
  base::Descriptor m_socket;
  Address m_address;
};

/// Its backlog is full: a SYN is dropped, and clients that connect wait.
class SilentListener {
 public:
  SilentListener() {
    const Address& address = m_listener.address();
    if (connect(m_filler.get(), address.get(), address.length) != 0) {
      throw std::system_error(errno, std::generic_category(), "connect");
    }
  }
  [[nodiscard]] const Address& address() const { return m_listener.address(); }

 private:
  Listener m_listener{0};
  base::Descriptor m_filler{::socket(AF_INET, SOCK_STREAM, 0)};
};

}  // namespace inferometer::transport::net
