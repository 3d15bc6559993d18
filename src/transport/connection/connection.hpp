#pragma once

#include "base/clock.hpp"
#include "transport/connection/channel.hpp"
#include "transport/http/http1_parser.hpp"
#include "transport/http/http2_session.hpp"
#include "transport/http/message.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace inferometer::transport {

/// A connection that is ready for requests, one at a time: a channel with HTTP/1.1 or HTTP/2 on it.
/// For the loop's thread only.
class Connection {
 public:
  /// `key` says for which requests it may be used again.
  Connection(Channel channel, bool http2, std::string key, std::string remote_address,
             std::optional<std::chrono::sys_seconds> certificate_expiry);

  [[nodiscard]] const std::string& key() const { return m_key; }
  [[nodiscard]] const std::string& remote_address() const { return m_remote_address; }
  [[nodiscard]] std::optional<std::chrono::sys_seconds> certificate_expiry() const {
    return m_certificate_expiry;
  }
  [[nodiscard]] Channel& channel() { return m_channel; }
  [[nodiscard]] int descriptor() const { return m_channel.socket().descriptor(); }

  /// Queues the request. `body` and `sink` must live until the response has ended. An error says
  /// what cannot be sent.
  [[nodiscard]] base::Result<void> begin(const http::RequestHead& head, std::string_view body,
                                         http::ResponseSink& sink);

  /// Takes what the socket brought: responses go to the sink, answers to the peer are queued. While
  /// no request is open only control messages of the protocol are taken, and anything else makes
  /// the connection unusable.
  void receive(std::string_view raw);
  /// Whether the last byte that it was given belongs to the body of the response.
  [[nodiscard]] bool ends_in_body() const;
  /// The same for bytes that have passed the channel.
  void receive_plain(std::string_view plain);
  /// The peer has closed its side.
  void finish();
  /// The sink is not to be called any more.
  void end_exchange() { m_sink = nullptr; }
  /// Writes what waits. See Channel::flush.
  net::Socket::Result flush();

  /// Of the response to the last request.
  [[nodiscard]] http::Progress progress() const;
  [[nodiscard]] std::string problem() const;
  /// Whether any byte of the response has come.
  [[nodiscard]] bool begun() const;
  /// "1.0", "1.1" or "2".
  [[nodiscard]] std::string_view version() const;
  /// Whether TLS broke on it.
  [[nodiscard]] bool tls_failed() const;
  /// Whether it may carry another request.
  [[nodiscard]] bool reusable() const;
  /// Tells the peer that its answer is not needed any more, and that nothing else comes.
  void close();

 private:
  Channel m_channel;
  const std::string m_key;
  const std::string m_remote_address;
  const std::optional<std::chrono::sys_seconds> m_certificate_expiry;
  http::Http1Parser m_http1;
  std::unique_ptr<http::Http2Session> m_http2;  // null: HTTP/1.1
  http::ResponseSink* m_sink = nullptr;         // null: no request is open
  bool m_spoilt = false;  // bytes came that belong to no response: not to be used again
  bool m_cut = false;     // the peer closed its side without TLS' own end
};

}  // namespace inferometer::transport
