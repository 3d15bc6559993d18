#include "http/stream.hpp"

#include <sys/socket.h>
#include <sys/uio.h>

#include <string>

namespace inferometer::http {
namespace {

constexpr std::size_t k_discarded_at_once = 16384;
constexpr std::size_t k_record_bytes = 16384;  // RFC 8446, section 5.1

/// What sendmsg() takes, which does not change it though its type says otherwise.
iovec part_of(std::string_view bytes) {
  return {const_cast<char*>(bytes.data()), bytes.size()};
}

}  // namespace

ssize_t Stream::receive(char* to, std::size_t size) {
  return m_session ? m_session->receive(to, size) : ::recv(m_socket.get(), to, size, 0);
}

ssize_t Stream::send(std::string_view head, std::string_view body) {
  if (m_session) {
    if (head.empty() || body.empty()) {
      return m_session->send(head.empty() ? body : head);
    }
    // One record for both: two would be two segments, and the second might wait for the first.
    std::string record(head.substr(0, k_record_bytes));
    record += body.substr(0, k_record_bytes - record.size());
    return m_session->send(record);
  }
  std::array<iovec, 2> parts{part_of(head), part_of(body)};
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = parts.size();
  return ::sendmsg(m_socket.get(), &message, MSG_NOSIGNAL);
}

void Stream::end() {
  if (m_session) {
    m_session->close();
  }
  ::shutdown(fd(), SHUT_WR);
}

ssize_t Stream::discard() {
  std::array<char, k_discarded_at_once> buffer;
  return ::recv(fd(), buffer.data(), buffer.size(), 0);
}

}  // namespace inferometer::http
