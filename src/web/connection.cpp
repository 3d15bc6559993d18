#include "web/connection.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

namespace inferometer::web {
namespace {

constexpr std::size_t k_buffer_bytes = 16384;
constexpr std::string_view k_head_end = "\r\n\r\n";
constexpr std::string_view k_head_too_large =
    "HTTP/1.1 431 Request Header Fields Too Large\r\n"
    "Connection: close\r\nContent-Length: 0\r\n\r\n";

bool try_again() {
  return errno == EAGAIN || errno == EINTR;
}

}  // namespace

Connection::Connection(FileDescriptor socket, base::MonotonicTime now, const Limits& limits)
    : m_socket(std::move(socket)), m_limits(limits), m_deadline(now + limits.head) {}

short Connection::events() const {
  switch (m_state) {
    case State::reading:
    case State::lingering:
      return POLLIN;
    case State::writing:
      return POLLOUT;
    case State::handling:
    case State::closed:
      return 0;
  }
  return 0;
}

void Connection::on_ready(base::MonotonicTime now) {
  switch (m_state) {
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
    case State::closed:
      return;
  }
}

std::optional<std::string> Connection::take_head(base::MonotonicTime now) {
  if (m_state != State::reading) {
    return std::nullopt;
  }
  const std::size_t found = m_input.find(k_head_end, m_searched);
  const bool complete = found != std::string::npos;
  const std::size_t size = complete ? found + k_head_end.size() : m_input.size();
  if (size > m_limits.head_bytes) {
    reply({std::string(k_head_too_large), false}, now);
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

void Connection::reply(Reply reply, base::MonotonicTime now) {
  m_output = std::move(reply.bytes);
  m_sent = 0;
  m_keep_alive = reply.keep_alive;
  m_state = State::writing;
  m_deadline = now + m_limits.reply;
  send(now);
}

void Connection::receive(base::MonotonicTime now) {
  std::array<char, k_buffer_bytes> buffer;
  const ssize_t count = ::recv(fd(), buffer.data(), buffer.size(), 0);
  if (count > 0) {
    m_input.append(buffer.data(), static_cast<std::size_t>(count));
    if (std::exchange(m_idle, false)) {
      m_deadline = now + m_limits.head;
    }
  } else if (count == 0 || !try_again()) {
    m_state = State::closed;
  }
}

void Connection::send(base::MonotonicTime now) {
  while (unsent() > 0) {
    const ssize_t count = ::send(fd(), m_output.data() + m_sent, unsent(), MSG_NOSIGNAL);
    if (count < 0) {
      m_state = try_again() ? State::writing : State::closed;
      return;
    }
    m_sent += static_cast<std::size_t>(count);
  }
  m_output = {};
  m_sent = 0;
  if (m_keep_alive) {
    m_state = State::reading;
    m_idle = m_input.empty();
    m_deadline = now + (m_idle ? m_limits.idle : m_limits.head);
  } else {
    ::shutdown(fd(), SHUT_WR);
    m_input = {};
    m_state = State::lingering;
    m_deadline = now + m_limits.linger;
  }
}

void Connection::discard() {
  std::array<char, k_buffer_bytes> buffer;
  const ssize_t count = ::recv(fd(), buffer.data(), buffer.size(), 0);
  if (count == 0 || (count < 0 && !try_again())) {
    m_state = State::closed;
  }
}

}  // namespace inferometer::web
