#include "http/connection.hpp"

#include "http/head.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

namespace inferometer::http {
namespace {

constexpr std::size_t k_buffer_bytes = 16384;
// The most that the kernels of both ends take at once for a client that reads nothing.
constexpr std::size_t k_kernels_take = 512U << 10U;
// Of TLS. To encrypt them takes about 0.2 ms, and then the others have their turn.
constexpr int k_records_at_once = 16;
constexpr std::string_view k_head_end = "\r\n\r\n";

bool try_again() {
  return errno == EAGAIN || errno == EINTR;
}

/// Whether some line of `text` ends in LF alone, looking no further back than `from`.
bool has_bare_line_feed(std::string_view text, std::size_t from) {
  for (std::size_t at = text.find('\n', from); at != std::string_view::npos;
       at = text.find('\n', at + 1)) {
    if (at == 0 || text[at - 1] != '\r') {
      return true;
    }
  }
  return false;
}

std::string_view body_of(const Reply& reply) {
  return reply.body != nullptr ? std::string_view(*reply.body) : std::string_view();
}

std::size_t size_of(const Reply& reply) {
  return reply.head.size() + body_of(reply).size();
}

/// Sends of what is behind the first `sent` bytes: the rest of the head, if any, and the body.
ssize_t send_rest(Stream& stream, const Reply& reply, std::size_t sent) {
  const std::size_t of_head = std::min(sent, reply.head.size());
  return stream.send(std::string_view(reply.head).substr(of_head),
                     body_of(reply).substr(sent - of_head));
}

}  // namespace

Connection::Connection(Stream stream, base::MonotonicTime now, const Limits& limits)
    : m_stream(std::move(stream)),
      m_limits(limits),
      m_state(m_stream.session() ? State::shaking_hands : State::reading),
      m_deadline(now + limits.head),
      m_allowed(limits.head) {}

short Connection::events() const {
  if (m_lent) {
    return 0;
  }
  switch (m_state) {
    case State::shaking_hands:
    case State::reading:
      return m_stream.wants_write() ? POLLOUT : POLLIN;
    case State::lingering:
      return POLLIN;
    case State::writing:
      return POLLOUT;
    case State::handling:
      return m_half_closed ? 0 : POLLRDHUP;
    case State::closed:
      return 0;
  }
  return 0;
}

base::MonotonicTime Connection::pace_shows_at() const {
  return m_state == State::writing ? m_deadline - m_limits.reply + m_limits.grace
                                   : base::MonotonicTime::min();
}

double Connection::lag(base::MonotonicTime now) const {
  const double time_used = 1 - base::seconds(m_deadline - now) / base::seconds(m_allowed);
  if (m_state != State::writing) {
    return time_used;
  }
  return time_used - static_cast<double>(m_sent - m_sent_unread) /
                         static_cast<double>(size_of(*m_reply) - m_sent_unread);
}

void Connection::allow(base::Duration time, base::MonotonicTime now) {
  m_allowed = time;
  m_deadline = now + time;
}

void Connection::on_ready(short events, base::MonotonicTime now) {
  switch (m_state) {
    case State::shaking_hands:
      m_ready_to_shake = true;
      return;
    case State::reading:
      receive(now);
      return;
    case State::writing:
      send(now);
      return;
    case State::lingering:
      discard();
      return;
    case State::handling:
      watch_client(events);
      return;
    case State::closed:
      return;
  }
}

std::shared_ptr<tls::Session> Connection::lend_session() {
  if (!std::exchange(m_ready_to_shake, false) || m_state != State::shaking_hands) {
    return nullptr;
  }
  m_lent = true;
  return m_stream.session();
}

/// The time for the head goes on: it began with the connection.
void Connection::take_back(tls::Session::Handshake result, base::MonotonicTime now) {
  m_lent = false;
  switch (result) {
    case tls::Session::Handshake::going_on:
      return;
    case tls::Session::Handshake::done:
      m_state = State::reading;
      return;
    case tls::Session::Handshake::failed:
      end(now);  // a reset might overtake the alert that says why
      return;
  }
}

std::optional<std::string> Connection::take_head(base::MonotonicTime now) {
  if (m_state != State::reading) {
    return std::nullopt;
  }
  // RFC 9112, section 2.2: some clients end a request with an empty line too many.
  std::size_t blank = 0;
  while (std::string_view(m_input).substr(blank).starts_with(k_line_end)) {
    blank += k_line_end.size();
  }
  m_input.erase(0, blank);
  m_searched -= std::min(m_searched, blank);
  const std::size_t found = m_input.find(k_head_end, m_searched);
  const bool complete = found != std::string::npos;
  const std::size_t size = complete ? found + k_head_end.size() : m_input.size();
  if (size > m_limits.head_bytes) {
    reply(refusal("431 Request Header Fields Too Large", "the request's head is too large"), now);
    return std::nullopt;
  }
  if (has_bare_line_feed(std::string_view(m_input).substr(0, size), m_searched)) {
    // Its end may never come, as it is not an empty line to us.
    reply(refusal("400 Bad Request", "a line does not end in CR LF"), now);
    return std::nullopt;
  }
  if (!complete) {
    m_searched = size - std::min(size, k_head_end.size() - 1);
    return std::nullopt;
  }
  std::string head = m_input.substr(0, size);
  m_input.erase(0, size);
  m_searched = 0;
  m_state = State::handling;
  m_deadline = base::MonotonicTime::max();
  return head;
}

/// A client that closes its connection and one that only ends its own side, as `nc -N` does, look
/// alike until something is sent: the system of the first answers that with a reset. What every
/// reply begins with can be sent before the reply is there.
void Connection::watch_client(short events) {
  if ((events & (POLLERR | POLLHUP)) != 0) {
    m_state = State::closed;
    return;
  }
  if ((events & POLLRDHUP) == 0) {
    return;
  }
  if (m_stream.session()) {
    // Without close_notify an end is a connection that was cut, and no client of TLS ends its
    // sending side alone.
    m_state = State::closed;
    return;
  }
  m_half_closed = true;
  const ssize_t count =
      ::send(fd(), k_reply_begin.data(), k_reply_begin.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (count > 0) {
    m_sent = static_cast<std::size_t>(count);
  } else if (!try_again()) {
    m_state = State::closed;
  }
}

void Connection::reply(Reply reply, base::MonotonicTime now) {
  m_reply = std::move(reply);
  m_state = State::writing;
  allow(m_limits.reply, now);
  send(now);
  m_sent_unread = std::min(m_sent, k_kernels_take);
}

void Connection::receive(base::MonotonicTime now) {
  std::array<char, k_buffer_bytes> buffer;
  const ssize_t count = m_stream.receive(buffer.data(), buffer.size());
  if (count > 0) {
    m_input.append(buffer.data(), static_cast<std::size_t>(count));
    if (std::exchange(m_idle, false)) {
      allow(m_limits.head, now);
    }
  } else if (count == 0 || !try_again()) {
    m_state = State::closed;
  }
}

void Connection::send(base::MonotonicTime now) {
  int records = 0;
  while (m_sent < size_of(*m_reply)) {
    if (m_stream.session() && ++records > k_records_at_once) {
      return;
    }
    const ssize_t count = send_rest(m_stream, *m_reply, m_sent);
    if (count < 0) {
      m_state = try_again() ? State::writing : State::closed;
      return;
    }
    m_sent += static_cast<std::size_t>(count);
  }
  const bool keep_alive = m_reply->keep_alive;
  m_reply.reset();
  m_sent = 0;
  m_sent_unread = 0;
  if (keep_alive) {
    m_state = State::reading;
    m_idle = m_input.empty();
    allow(m_idle ? m_limits.idle : m_limits.head, now);
  } else {
    end(now);
  }
}

void Connection::end(base::MonotonicTime now) {
  m_stream.end();
  m_input.clear();
  m_state = State::lingering;
  allow(m_limits.linger, now);
}

void Connection::discard() {
  const ssize_t count = m_stream.discard();
  if (count == 0 || (count < 0 && !try_again())) {
    m_state = State::closed;
  }
}

}  // namespace inferometer::http
