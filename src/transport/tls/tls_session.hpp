#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "config/config.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace inferometer::transport::tls {

/// Trust, client certificate and policy for one `config::Tls`, loaded once. Immutable; thread-safe.
class Context;

/// Reads the authorities and the client's certificate from their files (about 25 ms for the
/// system's authorities): not for an event loop. An error names the file.
[[nodiscard]] base::Result<std::shared_ptr<const Context>> load_context(const config::Tls& tls);

/// What a client asks of a handshake.
struct Handshake {
  std::string server_name;  ///< a host name or an IP address: verified, and sent as SNI if a name
  bool offer_http2 = false;
  bool offer_http1 = true;
};

/// The client's side of one TLS connection (1.2 or 1.3) in memory: bytes in, bytes out. Knows no
/// sockets, so whoever reads them keeps their stamps: a record comes out in the call of `receive`
/// that brought its last byte. Not thread-safe.
class Session {
 public:
  /// `context` is kept alive.
  Session(std::shared_ptr<const Context> context, const Handshake& handshake);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  enum class State {
    handshaking,
    open,
    closed,  ///< the peer has ended the connection in order (close_notify)
    failed,
  };

  /// Takes bytes of the connection, goes on with the handshake, and calls `plain` with what they
  /// decrypt to, in pieces.
  void receive(std::string_view bytes, const std::function<void(std::string_view)>& plain);

  /// Encrypts. REQUIRES: state() == State::open.
  void send(std::string_view plain);

  /// Says close_notify, once; what is to be written of it comes out of `take_output`.
  void close();

  /// Appends what is to be written to the connection. Call it after construction and after each of
  /// the calls above.
  void take_output(std::string& output);

  [[nodiscard]] State state() const;
  /// Why it failed, for people: the verification's reason where that is it. Empty otherwise.
  [[nodiscard]] const std::string& problem() const;
  /// "h2", "http/1.1", or empty where the server chose none.
  [[nodiscard]] std::string_view protocol() const;
  /// The earliest expiry in the chain that the server sent; none before that.
  [[nodiscard]] std::optional<base::WallTime> certificate_expiry() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> m_impl;
};

}  // namespace inferometer::transport::tls
