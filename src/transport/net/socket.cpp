#include "transport/net/socket.hpp"

#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace inferometer::transport::net {
namespace {

using base::MonotonicTime;

/// What is asked of the socket once. Departures are asked for with each write of a request, so that
/// no other write (TLS handshake, HTTP/2 control frames) wakes the loop with a stamp.
constexpr std::uint32_t k_socket_flags = SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_RX_SOFTWARE |
                                         SOF_TIMESTAMPING_OPT_ID | SOF_TIMESTAMPING_OPT_TSONLY;
constexpr std::uint32_t k_write_flags = SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_TX_ACK;

/// A write that fits into the initial congestion window leaves in one piece.
constexpr std::size_t k_first_write = 8UL * 1024;
/// Bounds what one call copies into the kernel.
constexpr std::size_t k_longest_write = 256UL * 1024;

bool would_block(int error) {
  return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

Socket::Result failure(int error) {
  return {.status = would_block(error) ? Socket::Status::not_now : Socket::Status::failed,
          .error = error};
}

/// Room for the control messages of a read or of the error queue.
struct Control {
  alignas(cmsghdr) std::array<char, 256> bytes;
};

msghdr make_message(iovec& data, Control& control) {
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control.bytes.data();
  message.msg_controllen = control.bytes.size();
  return message;
}

template <typename Value>
Value value_of(const cmsghdr* header) {
  Value value{};
  std::memcpy(&value, CMSG_DATA(header), sizeof value);
  return value;
}

/// The software stamp among the control messages of `message`; 0 if there is none.
timespec find_stamp(msghdr& message) {
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
       header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_TIMESTAMPING) {
      return value_of<scm_timestamping>(header).ts[0];
    }
  }
  return {};
}

std::optional<sock_extended_err> find_origin(msghdr& message) {
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
       header = CMSG_NXTHDR(&message, header)) {
    const bool error = (header->cmsg_level == SOL_IP && header->cmsg_type == IP_RECVERR) ||
                       (header->cmsg_level == SOL_IPV6 && header->cmsg_type == IPV6_RECVERR);
    if (error) {
      return value_of<sock_extended_err>(header);
    }
  }
  return std::nullopt;
}

std::optional<tcp_info> read_info(int descriptor) {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) {
    return std::nullopt;
  }
  return info;  // what an older kernel does not know stays 0
}

}  // namespace

Socket::Socket(base::Descriptor connection, KernelClock& clock)
    : m_descriptor(std::move(connection)), m_clock(clock) {
  m_stamps = setsockopt(m_descriptor.get(), SOL_SOCKET, SO_TIMESTAMPING, &k_socket_flags,
                        sizeof k_socket_flags) == 0;
}

Socket::Result Socket::receive(std::span<char> buffer) {
  Control control;
  iovec data{buffer.data(), buffer.size()};
  msghdr message = make_message(data, control);
  const ssize_t count = recvmsg(m_descriptor.get(), &message, MSG_DONTWAIT);
  if (count < 0) {
    return failure(errno);
  }
  if (count == 0) {
    return {.status = Status::ended};
  }
  Result result{.bytes = static_cast<std::size_t>(count)};
  if (const timespec stamp = find_stamp(message); stamp.tv_sec != 0) {
    result.stamp = m_clock.to_monotonic(stamp);
  }
  return result;
}

Socket::Result Socket::send(std::string_view bytes) {
  return write(bytes, false);
}

Socket::Result Socket::send_request(std::string_view bytes, bool last) {
  const bool first = !m_first;
  const std::size_t size = std::min(bytes.size(), first ? k_first_write : k_longest_write);
  const bool ends = last && size == bytes.size();
  const Result result = write(bytes.substr(0, size), first || ends);
  if (result.status == Status::done) {
    if (first) {
      m_first = m_sent - 1;
    }
    if (last && result.bytes == bytes.size()) {
      m_last = m_sent - 1;
    }
  }
  return result;
}

Socket::Result Socket::write(std::string_view bytes, bool stamped) {
  Control control;
  iovec data{const_cast<char*>(bytes.data()), bytes.size()};
  msghdr message = make_message(data, control);
  message.msg_controllen = 0;
  if (stamped && m_stamps) {
    message.msg_controllen = CMSG_SPACE(sizeof k_write_flags);
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SO_TIMESTAMPING;
    header->cmsg_len = CMSG_LEN(sizeof k_write_flags);
    std::memcpy(CMSG_DATA(header), &k_write_flags, sizeof k_write_flags);
  }
  const ssize_t count = sendmsg(m_descriptor.get(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (count < 0) {
    return failure(errno);
  }
  m_sent += static_cast<std::uint32_t>(count);
  return {.bytes = static_cast<std::size_t>(count)};
}

void Socket::begin_request() {
  m_departure = {};
  m_first.reset();
  m_last.reset();
  const auto info = read_info(m_descriptor.get());
  if (!info) {
    return;
  }
  m_at_begin.acknowledged = info->tcpi_bytes_acked;
  // A segment that was lost as the connection was made is of the attempt that made it.
  if (std::exchange(m_used, true)) {
    m_at_begin.retransmissions = info->tcpi_total_retrans;
    m_at_begin.out_of_order = info->tcpi_rcv_ooopack;
  }
}

void Socket::take_departures() {
  // Each write of a request leaves two stamps; a bound all the same, as everywhere in a turn.
  constexpr int k_most = 64;
  for (int i = 0; i < k_most; ++i) {
    Control control;
    char none = 0;
    iovec data{&none, sizeof none};
    msghdr message = make_message(data, control);
    if (recvmsg(m_descriptor.get(), &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) {
      return;
    }
    const timespec stamp = find_stamp(message);
    const auto origin = find_origin(message);
    if (!origin || origin->ee_origin != SO_EE_ORIGIN_TIMESTAMPING || stamp.tv_sec == 0) {
      continue;
    }
    if (const auto when = m_clock.to_monotonic(stamp)) {
      take_departure(origin->ee_data, static_cast<int>(origin->ee_info), *when);
    }
  }
}

void Socket::take_departure(std::uint32_t byte, int kind, MonotonicTime when) {
  // A segment that is sent again is stamped again: the first time counts.
  const auto note = [when](std::optional<MonotonicTime>& moment) {
    moment = moment.value_or(when);
  };
  if (kind == SCM_TSTAMP_SND && m_first == byte) {
    note(m_departure.first);
  }
  if (kind == SCM_TSTAMP_SND && m_last == byte) {
    note(m_departure.last);
  }
  if (kind == SCM_TSTAMP_ACK && m_last == byte) {
    note(m_departure.acknowledged);
  }
}

std::uint32_t Socket::out_of_order() const {
  const auto info = read_info(m_descriptor.get());
  return info ? info->tcpi_rcv_ooopack : 0;
}

std::optional<measure::TcpStats> Socket::stats() const {
  const auto info = read_info(m_descriptor.get());
  if (!info) {
    return std::nullopt;
  }
  return measure::TcpStats{.rtt = std::chrono::microseconds(info->tcpi_rtt),
                           .min_rtt = std::chrono::microseconds(info->tcpi_min_rtt),
                           .retransmissions = info->tcpi_total_retrans - m_at_begin.retransmissions,
                           .out_of_order = info->tcpi_rcv_ooopack - m_at_begin.out_of_order};
}

std::optional<bool> Socket::any_acknowledged() const {
  const auto info = read_info(m_descriptor.get());
  if (!info || info->tcpi_bytes_acked < m_at_begin.acknowledged) {
    return std::nullopt;
  }
  return info->tcpi_bytes_acked > m_at_begin.acknowledged;
}

}  // namespace inferometer::transport::net
