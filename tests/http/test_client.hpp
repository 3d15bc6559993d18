#pragma once

#include "base/descriptor.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>

/// A client that is as slow, incomplete or wrong as a test needs it.
namespace inferometer::http::test {

using namespace std::chrono_literals;

inline constexpr auto k_patience = 20s;  ///< generous: only a broken server reaches it

/// What came back, taken apart.
struct Answer {
  int status = 0;
  std::string head;
  std::string body;

  [[nodiscard]] bool has(std::string_view header_line) const {
    return head.find(std::string(header_line) + "\r\n") != std::string::npos;
  }
};

inline Answer parse_answer(const std::string& bytes) {
  Answer answer;
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end == std::string::npos || bytes.rfind("HTTP/1.1 ", 0) != 0) {
    return answer;
  }
  answer.status = std::atoi(bytes.c_str() + std::string_view("HTTP/1.1 ").size());
  answer.head = bytes.substr(0, end + 2);
  answer.body = bytes.substr(end + 4);
  return answer;
}

class Client {
 public:
  explicit Client(std::uint16_t port, int receive_buffer = 0)
      : m_socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (receive_buffer > 0) {
      ::setsockopt(fd(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof(receive_buffer));
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(fd(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
  }

  [[nodiscard]] int fd() const { return m_socket.get(); }

  /// False if the server has closed the connection.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = ::send(fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count < 0) {
        return false;
      }
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }

  /// Reads until what has come holds `end`, or the server closes.
  std::string read_until(std::string_view end) {
    std::string text;
    std::size_t searched = 0;
    const auto deadline = std::chrono::steady_clock::now() + k_patience;
    while (text.find(end, searched) == std::string::npos) {
      searched = text.size() - std::min(text.size(), end.size());
      REQUIRE(std::chrono::steady_clock::now() < deadline);
      pollfd readable{fd(), POLLIN, 0};
      if (::poll(&readable, 1, 1000) == 0) {
        continue;
      }
      std::array<char, 65536> buffer{};
      const ssize_t count = ::recv(fd(), buffer.data(), buffer.size(), 0);
      if (count <= 0) {
        break;
      }
      text.append(buffer.data(), static_cast<std::size_t>(count));
    }
    return text;
  }

  /// Ends the sending side alone, as `nc -N` does.
  void half_close() { ::shutdown(fd(), SHUT_WR); }

  /// Closes the connection by a reset.
  void reset() {
    const linger at_once{1, 0};
    ::setsockopt(fd(), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    m_socket.close();
  }

  /// Closes the connection as clients do that wait no longer.
  void leave() { m_socket.close(); }

  /// Reads until the server closes.
  std::string read_all() { return read_until(std::string_view("\0never sent", 11)); }

 private:
  base::Descriptor m_socket;
};

/// One request on a connection of its own; `head` without Host and the empty line.
inline Answer ask(std::uint16_t port, const std::string& head) {
  Client client(port);
  client.send(head + "\r\nHost: x\r\nConnection: close\r\n\r\n");
  return parse_answer(client.read_all());
}

inline Answer get(std::uint16_t port, const std::string& target) {
  return ask(port, "GET " + target + " HTTP/1.1");
}

/// Sends a byte now and then until the server's end is gone, which is when a further one is
/// answered by a reset.
template <typename AnyClient>
void send_until_reset(AnyClient& client) {
  const auto deadline = std::chrono::steady_clock::now() + k_patience;
  while (client.send("x")) {
    REQUIRE(std::chrono::steady_clock::now() < deadline);
    std::this_thread::sleep_for(20ms);
  }
}

}  // namespace inferometer::http::test
