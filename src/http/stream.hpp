#pragma once

#include "base/descriptor.hpp"
#include "http/tls/session.hpp"

#include <sys/types.h>

#include <array>
#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>

namespace inferometer::http {

/// The bytes of one connection, in clear text or by TLS. Never blocks. Not thread-safe.
class Stream {
 public:
  /// Both take over a connected, non-blocking socket.
  explicit Stream(base::Descriptor socket) : m_socket(std::move(socket)) {}
  explicit Stream(std::shared_ptr<tls::Session> session) : m_session(std::move(session)) {}

  [[nodiscard]] int fd() const { return m_session ? m_session->fd() : m_socket.get(); }
  /// Null in clear text.
  [[nodiscard]] const std::shared_ptr<tls::Session>& session() const { return m_session; }

  /// As recv() and send() have it: a count, 0 for the client's end, or -1 with errno, which is
  /// EAGAIN where the rest is for later. By TLS, `send` takes up to one record at a time.
  [[nodiscard]] ssize_t receive(char* to, std::size_t size);
  /// Sends of what `head` and `body` are together, in this order.
  [[nodiscard]] ssize_t send(std::string_view head, std::string_view body);

  /// Whether the last call waits until the socket takes bytes, though it may have been a read.
  [[nodiscard]] bool wants_write() const { return m_session && m_session->wants_write(); }

  /// Ends our side. What the client still sends is for nobody.
  void end();

  /// Takes bytes of the socket as they are, for nobody; as recv() has it.
  [[nodiscard]] ssize_t discard();

 private:
  base::Descriptor m_socket;  // none by TLS, where the session has it
  std::shared_ptr<tls::Session> m_session;
};

}  // namespace inferometer::http
