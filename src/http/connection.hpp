#pragma once

#include "base/clock.hpp"
#include "http/codec.hpp"
#include "http/limits.hpp"
#include "http/stream.hpp"
#include "http/tls/session.hpp"

#include <memory>
#include <optional>
#include <string>

namespace inferometer::http {

/// One client's connection: which bytes it waits for, and until when. Never blocks. Not
/// thread-safe.
class Connection {
 public:
  enum class State {
    shaking_hands,  ///< the handshake of TLS goes on
    reading,        ///< for a request, or the rest of one
    handling,       ///< the reply is being made
    writing,        ///< the client has not taken all of the reply
    lingering,  ///< until the client has stopped sending: closed earlier, the kernel would reset
                ///< the connection and the reply with it
    closed,
  };

  /// `limits` must outlive the connection.
  Connection(Stream stream, base::MonotonicTime now, const Limits& limits);

  [[nodiscard]] State state() const { return m_state; }
  /// What poll() is to watch, or -1 while another thread has the session.
  [[nodiscard]] int fd() const { return m_lent ? -1 : m_stream.fd(); }
  /// What poll() is to watch for; errors besides, which it reports unasked.
  [[nodiscard]] short events() const;
  /// When it is to be closed if nothing has changed by then.
  [[nodiscard]] base::MonotonicTime deadline() const { return m_deadline; }
  /// The reply that takes memory until the client has all of it, or null.
  [[nodiscard]] const Reply* held() const { return m_reply ? &*m_reply : nullptr; }
  /// Whether its reply began so recently that its pace does not show yet.
  [[nodiscard]] bool fresh(base::MonotonicTime now) const { return now < pace_shows_at(); }
  [[nodiscard]] base::MonotonicTime pace_shows_at() const;
  /// The share of its time that the client has used up, less the share of the reply that it has
  /// taken meanwhile: over 0 where it would not be done in time at this pace. Where not all can
  /// stay, the one with the most goes first.
  [[nodiscard]] double lag(base::MonotonicTime now) const;

  /// The session, if the handshake can go on: it is lent to whoever goes on with it, until
  /// `take_back`. Null otherwise.
  [[nodiscard]] std::shared_ptr<tls::Session> lend_session();
  void take_back(tls::Session::Handshake result, base::MonotonicTime now);

  /// poll() reported these events.
  void on_ready(short events, base::MonotonicTime now);

  /// The next request's head once it is complete, which begins `handling`. One that is too long, or
  /// has a line that ends in LF alone, is refused without waiting for its end.
  [[nodiscard]] std::optional<std::string> take_head(base::MonotonicTime now);

  /// Ends `handling`: sends what the client takes at once, the rest when it is ready.
  void reply(Reply reply, base::MonotonicTime now);

 private:
  void receive(base::MonotonicTime now);
  void watch_client(short events);
  void send(base::MonotonicTime now);
  void discard();
  void end(base::MonotonicTime now);
  void allow(base::Duration time, base::MonotonicTime now);

  Stream m_stream;
  const Limits& m_limits;
  State m_state;
  base::MonotonicTime m_deadline;
  base::Duration m_allowed;  // from some moment until the deadline
  bool m_ready_to_shake = false;
  bool m_lent = false;         // the session is with another thread
  bool m_idle = false;         // nothing of the next request has come yet
  bool m_half_closed = false;  // the client sends no more, but may still read
  std::string m_input;         // what has come of the next request
  std::size_t m_searched = 0;  // so much of it holds no end of a head
  std::optional<Reply> m_reply;
  std::size_t m_sent = 0;         // of the reply, also of one that is not there yet
  std::size_t m_sent_unread = 0;  // of it, what tells of the kernels and not of the client
};

}  // namespace inferometer::http
