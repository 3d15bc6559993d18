#pragma once

#include "base/descriptor.hpp"
#include "base/openssl.hpp"
#include "http/tls/context.hpp"

#include <sys/types.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace inferometer::http::tls {

/// The server's side of one TLS connection on its socket. Never blocks. One thread at a time uses
/// it; which one is for the owner to arrange.
class Session {
 public:
  enum class Handshake {
    going_on,  ///< until the socket is readable, or writable where wants_write() says so
    done,
    failed,
  };

  /// Takes over a connected, non-blocking socket; `context` is shared and kept.
  Session(std::shared_ptr<const Context> context, base::Descriptor socket);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session() = default;

  [[nodiscard]] int fd() const { return m_socket.get(); }

  /// Goes on with the handshake as far as the client's bytes allow: some 0.1 to 5 ms of computing,
  /// which the kind of the key decides. A client that speaks HTTP in clear text is told so.
  [[nodiscard]] Handshake shake_hands();
  /// Why the handshake failed, for people.
  [[nodiscard]] const std::string& problem() const { return m_problem; }

  /// As recv() and send() have it: bytes taken, 0 for the client's end, or -1 with errno, which is
  /// EAGAIN where the socket, or OpenSSL, wants to be asked again later. `send` takes one record at
  /// a time; what it refused must be sent again before anything else.
  [[nodiscard]] ssize_t receive(char* to, std::size_t size);
  [[nodiscard]] ssize_t send(std::string_view bytes);

  /// Whether the last call waits for the socket to take bytes, not to bring some.
  [[nodiscard]] bool wants_write() const { return m_wants_write; }

  /// Says close_notify, if the socket takes it.
  void close();

 private:
  ssize_t take_result(int result);

  std::shared_ptr<const Context> m_context;
  base::Descriptor m_socket;
  base::openssl::Owned<ssl_st> m_ssl;  ///< null: there was no memory for it
  bool m_wants_write = false;
  std::string m_problem;
};

}  // namespace inferometer::http::tls
