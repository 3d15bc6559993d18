#pragma once

#include "transport/net/socket.hpp"
#include "transport/tls/tls_session.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace inferometer::transport {

/// A byte stream to a peer: a socket, none or some layers of TLS on it (two where a proxy is spoken
/// to over TLS), and what waits to be written. For the loop's thread only.
class Channel {
 public:
  explicit Channel(net::Socket socket) : m_socket(std::move(socket)) {}

  [[nodiscard]] net::Socket& socket() { return m_socket; }
  [[nodiscard]] const net::Socket& socket() const { return m_socket; }

  /// Puts a handshake on top of the layers there are. REQUIRES: these are open.
  void add_layer(std::unique_ptr<tls::Session> layer);
  /// The topmost layer; null in clear text.
  [[nodiscard]] const tls::Session* top() const {
    return m_layers.empty() ? nullptr : m_layers.back().get();
  }

  using Plain = std::function<void(std::string_view)>;
  /// Passes what the socket brought through all layers; `plain` gets what comes out.
  void receive(std::string_view raw, const Plain& plain);
  /// Whether that took bytes behind the last that `plain` got.
  [[nodiscard]] bool has_rest() const;

  /// Queues bytes, encrypted by every layer.
  void send(std::string_view plain);

  /// From now on what is sent is a request whose departure is to be stamped, until `end_request`
  /// has been called and everything was written.
  void begin_request();
  void end_request() { m_request_ends = true; }

  /// Writes what waits, as far as the socket takes it: `done` if nothing is left, `not_now` if it
  /// is to be called again once the socket is writable.
  net::Socket::Result flush();
  [[nodiscard]] std::size_t unwritten() const { return m_output.size() - m_written; }
  /// Whether the whole request has been given to the socket.
  [[nodiscard]] bool request_written() const { return m_request_written; }

  /// Says to the peer, as far as the socket takes it at once, that nothing more comes.
  void close();

 private:
  void pull_output();

  net::Socket m_socket;
  std::vector<std::unique_ptr<tls::Session>> m_layers;  // the lowest first
  std::string m_output;
  std::size_t m_written = 0;
  bool m_in_request = false;
  bool m_request_ends = false;
  bool m_request_written = false;
};

}  // namespace inferometer::transport
