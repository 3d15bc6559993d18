#include "selftest/server_connection.hpp"

#include <utility>

namespace inferometer::selftest {

using base::MonotonicTime;
using transport::net::Socket;

ServerConnection::ServerConnection(base::Descriptor socket, transport::net::KernelClock& clock,
                                   std::shared_ptr<const ServerTls> tls, const Pace& pace)
    : m_pace(pace), m_socket(std::move(socket), clock) {
  if (tls) {
    m_tls.emplace(std::move(tls));
  }
}

void ServerConnection::on_readable(std::span<char> scratch) {
  const Socket::Result read = m_socket.receive(scratch);
  if (read.status == Socket::Status::not_now) {
    return;
  }
  if (read.status != Socket::Status::done) {
    m_over = true;
    return;
  }
  m_read = read.stamp;
  const std::string_view bytes(scratch.data(), read.bytes);
  if (!m_tls) {
    take_plain(bytes);
  } else {
    m_plain.clear();
    m_over = !m_tls->receive(bytes, m_plain, m_output);
    take_plain(m_plain);
  }
  flush();
}

void ServerConnection::take_plain(std::string_view plain) {
  if (plain.empty()) {
    return;
  }
  if (m_tls && !m_http2 && m_tls->chose_http2()) {
    m_http2 = std::make_unique<Http2Service>();
  }
  m_frame.clear();
  const bool good = m_http2 ? m_http2->receive(plain, m_frame) : m_http1.receive(plain);
  m_over = m_over || !good;
  send(m_frame);
  if (!m_answering) {
    begin_answer();
  }
}

void ServerConnection::begin_answer() {
  m_answering = m_http2 ? m_http2->take_request() : m_http1.take_request();
  if (!m_answering) {
    return;
  }
  m_asked = m_read.value_or(MonotonicTime{});
  m_next = m_read.value_or(std::chrono::steady_clock::now()) + m_pace.ttft;
  m_sent = 0;
  m_write = {};
  m_frame.clear();
  m_http2 ? m_http2->send_head(m_frame) : Http1Service::send_head(m_frame);
  send(m_frame);
}

std::optional<MonotonicTime> ServerConnection::due() const {
  // What cannot be written yet is not stamped yet.
  return m_answering && !is_held() ? std::optional(m_next) : std::nullopt;
}

void ServerConnection::on_due() {
  if (m_sent == m_pace.events) {
    send_closing();
    begin_answer();  // of what came meanwhile
    return;
  }
  send_event();
  if (m_sent < m_pace.events) {
    m_next += m_pace.gap;
  }
}

Stamp ServerConnection::stamp() const {
  return {.asked = m_asked, .sent = std::chrono::steady_clock::now(), .write_before = m_write};
}

void ServerConnection::send_event() {
  const Stamp now = stamp();
  send_piece(m_event.text(now));
  note_write(now);
  ++m_sent;
}

void ServerConnection::send_closing() {
  const Stamp now = stamp();
  send_piece(closing_text(m_pace.events, now));
  note_write(now);
  send_piece(trailing_comment(stamp()));
  m_frame.clear();
  m_http2 ? m_http2->send_end(m_frame) : Http1Service::send_end(m_frame);
  send(m_frame);
  flush();
}

void ServerConnection::note_write(const Stamp& begun) {
  m_write = is_held() ? base::Duration::max() : std::chrono::steady_clock::now() - begun.sent;
}

bool ServerConnection::is_held() const {
  return wants_write() || (m_http2 && m_http2->is_held());
}

/// In a frame, a record and a write of its own.
void ServerConnection::send_piece(std::string_view text) {
  m_frame.clear();
  m_http2 ? m_http2->send_data(text, m_frame) : Http1Service::send_chunk(text, m_frame);
  send(m_frame);
  flush();
}

void ServerConnection::on_writable() {
  flush();
}

void ServerConnection::send(std::string_view plain) {
  if (m_tls) {
    m_tls->send(plain, m_output);
  } else {
    m_output += plain;
  }
}

void ServerConnection::flush() {
  if (m_output.empty()) {
    return;
  }
  const Socket::Result written = m_socket.send(m_output);
  if (written.status == Socket::Status::failed) {
    m_over = true;
  }
  m_output.erase(0, written.bytes);
}

}  // namespace inferometer::selftest
