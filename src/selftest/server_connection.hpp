#pragma once

#include "base/clock.hpp"
#include "base/descriptor.hpp"
#include "selftest/http1_service.hpp"
#include "selftest/http2_service.hpp"
#include "selftest/server_tls.hpp"
#include "selftest/stamped_event.hpp"
#include "transport/net/socket.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace inferometer::selftest {

/// When the events of an answer are sent, on absolute deadlines from the request's arrival.
struct Pace {
  std::uint32_t events = 10;
  base::Duration ttft = std::chrono::milliseconds(10);
  base::Duration gap = std::chrono::milliseconds(10);
};

/// One client's connection to the stamp server: reads its requests and answers each with stamped
/// events, every one in a chunk, a TLS record and a write of its own. Not thread-safe.
class ServerConnection {
 public:
  /// `tls`: null for clear text. `clock` must outlive it.
  ServerConnection(base::Descriptor socket, transport::net::KernelClock& clock,
                   std::shared_ptr<const ServerTls> tls, const Pace& pace);

  [[nodiscard]] int descriptor() const { return m_socket.descriptor(); }

  /// The socket has something to read. `scratch` is for what is read.
  void on_readable(std::span<char> scratch);
  /// It takes bytes again.
  void on_writable();
  /// `due` has come.
  void on_due();

  /// When `on_due` is to be called; none: not before something was read or written.
  [[nodiscard]] std::optional<base::MonotonicTime> due() const;
  /// Whether something waits to be written.
  [[nodiscard]] bool wants_write() const { return !m_output.empty(); }
  /// Whether the client has gone, or does not speak what is understood.
  [[nodiscard]] bool over() const { return m_over; }

 private:
  void take_plain(std::string_view plain);
  void begin_answer();
  void send_event();
  void send_closing();
  void send_piece(std::string_view text);
  void note_write(const Stamp& begun);
  [[nodiscard]] bool is_held() const;
  [[nodiscard]] Stamp stamp() const;
  void send(std::string_view plain);
  void flush();

  const Pace m_pace;
  transport::net::Socket m_socket;
  std::optional<ServerTlsSession> m_tls;
  Http1Service m_http1;
  std::unique_ptr<Http2Service> m_http2;  // null: HTTP/1.1
  StampedEvent m_event;
  std::optional<base::MonotonicTime> m_read;  // when the bytes at hand came, if the kernel told
  base::MonotonicTime m_asked{};              // when the request did; see Stamp
  base::MonotonicTime m_next{};               // event
  base::Duration m_write{};                   // how long that of the last event took
  bool m_answering = false;
  std::uint32_t m_sent = 0;  // events of this answer
  std::string m_plain;       // for one call, kept for its memory
  std::string m_frame;       // the same
  std::string m_output;
  bool m_over = false;
};

}  // namespace inferometer::selftest
