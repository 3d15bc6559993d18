#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace inferometer::fakes {

/// One HTTP response as it came over the wire.
struct RawResponse {
  int status = 0;                              ///< 0: not even a head came
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;                            ///< without the framing of chunks
  bool complete = false;                       ///< the body came whole, as its framing says
};

/// A blocking HTTP/1.1 client that shows every byte: it neither hides nor repairs anything.
/// Each wait has a deadline; what is not there by then counts as not sent.
class RawHttpClient {
 public:
  using Duration = std::chrono::nanoseconds;

  /// What became of the connection, as far as it was read.
  enum class End { open, closed, reset };

  static constexpr Duration k_patience = std::chrono::seconds(20);

  /// Connects to `port` of this host, or throws std::system_error.
  explicit RawHttpClient(std::uint16_t port) : m_fd(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (m_fd < 0 ||
        connect(m_fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      throw std::system_error(errno, std::generic_category(), "connect");
    }
    const int on = 1;
    setsockopt(m_fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  RawHttpClient(RawHttpClient&& other) noexcept
      : m_fd(std::exchange(other.m_fd, -1)),
        m_end(other.m_end),
        m_buffer(std::move(other.m_buffer)) {}
  RawHttpClient& operator=(RawHttpClient&&) = delete;
  RawHttpClient(const RawHttpClient&) = delete;
  RawHttpClient& operator=(const RawHttpClient&) = delete;
  ~RawHttpClient() {
    if (m_fd >= 0) {
      ::close(m_fd);
    }
  }

  [[nodiscard]] int fd() const { return m_fd; }
  [[nodiscard]] End end() const { return m_end; }

  /// What was received and not yet taken by a function below.
  [[nodiscard]] const std::string& buffer() const { return m_buffer; }

  /// Sends all of `bytes`; false if the server has gone.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(m_fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0) {
        return false;
      }
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  /// Waits for bytes and puts them into the buffer; false if none came.
  bool receive(Duration patience = k_patience) {
    pollfd waiting{.fd = m_fd, .events = POLLIN, .revents = 0};
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(patience);
    if (m_end != End::open || poll(&waiting, 1, static_cast<int>(wait.count())) <= 0) {
      return false;
    }
    char bytes[65536];
    const ssize_t size = recv(m_fd, bytes, sizeof bytes, 0);
    if (size <= 0) {
      m_end = size == 0 ? End::closed : End::reset;
      return false;
    }
    m_buffer.append(bytes, static_cast<std::size_t>(size));
    return true;
  }

  /// Receives until the buffer holds `text`; false if it does not come.
  bool receive_until(std::string_view text, Duration patience = k_patience) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (m_buffer.find(text) == std::string::npos) {
      if (!receive(deadline - std::chrono::steady_clock::now())) {
        return false;
      }
    }
    return true;
  }

  /// Receives until the connection ends; false if it does not.
  bool receive_all(Duration patience = k_patience) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (receive(deadline - std::chrono::steady_clock::now())) {
    }
    return m_end != End::open;
  }

  /// Receives one response and takes it from the buffer. If it does not come whole, `complete` is
  /// false and `body` holds what came.
  RawResponse read_response(Duration patience = k_patience) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    const auto more = [&] { return receive(deadline - std::chrono::steady_clock::now()); };
    RawResponse response;
    if (!receive_until("\r\n\r\n", patience)) {
      return response;
    }
    take_head(response);
    if (response.headers.contains("transfer-encoding")) {
      while (!take_chunk(response) && more()) {
      }
      return response;
    }
    const std::size_t size = std::strtoul(response.headers["content-length"].c_str(), nullptr, 10);
    while (m_buffer.size() < size && more()) {
    }
    response.complete = m_buffer.size() >= size;
    response.body = m_buffer.substr(0, size);
    m_buffer.erase(0, size);
    return response;
  }

 private:
  void take_head(RawResponse& response) {
    std::string head = m_buffer.substr(0, m_buffer.find("\r\n\r\n") + 2);
    m_buffer.erase(0, head.size() + 2);
    if (!head.starts_with("HTTP/1.1 ")) {
      throw std::runtime_error("not an HTTP response: " + head);
    }
    response.status = std::atoi(head.c_str() + 9);
    head.erase(0, head.find("\r\n") + 2);
    while (!head.empty()) {
      const std::string line = head.substr(0, head.find("\r\n"));
      head.erase(0, line.size() + 2);
      std::string name = line.substr(0, line.find(": "));
      for (char& c : name) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
      }
      response.headers[name] = line.substr(line.find(": ") + 2);
    }
  }

  /// Takes all whole chunks from the buffer; true after the last.
  bool take_chunk(RawResponse& response) {
    for (;;) {
      const std::size_t line = m_buffer.find("\r\n");
      if (line == std::string::npos) {
        return false;
      }
      const std::size_t size = std::strtoul(m_buffer.c_str(), nullptr, 16);
      if (m_buffer.size() < line + 2 + size + 2) {
        return false;
      }
      response.body.append(m_buffer, line + 2, size);
      m_buffer.erase(0, line + 2 + size + 2);
      if (size == 0) {
        response.complete = true;
        return true;
      }
    }
  }

  int m_fd;
  End m_end = End::open;
  std::string m_buffer;
};

}  // namespace inferometer::fakes
