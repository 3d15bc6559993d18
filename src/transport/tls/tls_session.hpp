#pragma once

#include "transport/tls/context.hpp"
#include "transport/tls/wire.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace inferometer::transport::tls {

/// What a client asks of a handshake.
struct Handshake {
  std::string server_name;  ///< a host name or an IP address: verified, and sent as SNI if a name
  bool offer_http2 = false;
  bool offer_http1 = true;
};

/// The client's side of one TLS connection (1.2 or 1.3) in memory: bytes in, bytes out. Uses no
/// sockets, so the reader of the socket keeps their stamps: a record comes out in the call of
/// `receive` that brought its last byte. What a peer can send without any data is bounded, and so
/// is what it can make us answer. Not thread-safe.
class Session {
 public:
  using PlainFunction = std::function<void(std::string_view)>;

  /// `context` is shared and kept.
  Session(std::shared_ptr<const Context> context, Handshake handshake);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session() = default;

  enum class State {
    handshaking,
    open,
    closed,  ///< the peer has ended the connection in order (close_notify)
    failed,
  };

  /// Takes bytes of the connection, goes on with the handshake, and calls `plain` with what they
  /// decrypt to, in pieces. Once closed or failed, bytes are ignored. `plain` may call `send` and
  /// `close`, but not `receive`; it must neither throw nor destroy the session.
  void receive(std::string_view bytes, const PlainFunction& plain);

  /// Whether the last `receive` took bytes behind the last that it handed over: a part of a record,
  /// or a record without data.
  [[nodiscard]] bool has_rest() const { return m_has_rest; }

  /// Encrypts all of `plain`. REQUIRES: state() == State::open, close() was not called.
  void send(std::string_view plain);

  /// Says close_notify, once; what is to be written of it comes out of `take_output`. Says nothing
  /// while the handshake goes on and after a failure.
  void close();

  /// Appends what is to be written to the connection. Call it after construction and after each of
  /// the calls above, also if the session has failed: the peer is told why.
  void take_output(std::string& output);

  [[nodiscard]] State state() const { return m_state; }
  /// Why it failed, in one line for people: the verification's reason where that is it. Empty
  /// otherwise.
  [[nodiscard]] const std::string& problem() const { return m_problem; }
  /// "h2", "http/1.1", or empty where the server chose none.
  [[nodiscard]] std::string_view protocol() const { return m_protocol; }
  /// The earliest expiry in the chain that the server sent, trusted or not; none before that.
  [[nodiscard]] std::optional<std::chrono::sys_seconds> certificate_expiry() const {
    return m_peer.expiry;
  }

 private:
  /// What the peer has sent, and we have answered, without any data of the application.
  struct Idle {
    std::size_t bytes = 0;     ///< received since the last data
    std::size_t messages = 0;  ///< of the handshake protocol, received since the last data
    std::size_t answers = 0;   ///< sent since the last data of ours
  };

  [[nodiscard]] bool begin();
  [[nodiscard]] bool expect_server_name();
  void continue_handshake();
  void finish_handshake();
  void read_records(const PlainFunction& plain);
  void take_result(int result);
  void count_message(bool sent);
  void fail(std::string problem);

  static void on_message(int sent, int version, int type, const void* bytes, std::size_t size,
                         ssl_st* ssl, void* session);

  std::shared_ptr<const Context> m_context;
  Handshake m_handshake;
  Wire m_wire;
  PeerChain m_peer;
  Owned<ssl_st> m_ssl;
  State m_state = State::handshaking;
  Idle m_idle;
  bool m_answered = false;  ///< the server has sent any message of TLS
  bool m_close_said = false;
  bool m_has_rest = false;
  std::string_view m_protocol;
  std::string m_problem;
};

}  // namespace inferometer::transport::tls
