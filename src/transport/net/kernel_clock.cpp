#include "transport/net/kernel_clock.hpp"

#include <arpa/inet.h>
#include <linux/net_tstamp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>

namespace inferometer::transport::net {
namespace {

using base::Duration;

Duration read_clock(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

/// What the clocks' resolution and the order of the readings leave open.
constexpr Duration k_tolerance = std::chrono::microseconds(1);

/// Readings that are further apart were interrupted, and are too inexact.
constexpr Duration k_undisturbed = std::chrono::microseconds(5);
constexpr int k_tries = 4;

/// A UDP socket that receives what it sends, and asks for stamps; none if the system refuses one.
base::Descriptor make_stamp_socket() {
  base::Descriptor descriptor(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* const raw = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  const std::uint32_t flags = SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_RX_SOFTWARE;
  const bool good =
      descriptor.valid() && bind(descriptor.get(), raw, size) == 0 &&
      getsockname(descriptor.get(), raw, &size) == 0 && connect(descriptor.get(), raw, size) == 0 &&
      setsockopt(descriptor.get(), SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof flags) == 0;
  return good ? std::move(descriptor) : base::Descriptor();
}

/// Sends a datagram through the socket to itself; whether it came with a stamp.
bool is_stamped(int descriptor) {
  constexpr int k_stamp_timeout_ms = 1;
  char byte = 0;
  if (send(descriptor, &byte, sizeof byte, 0) != sizeof byte) {
    return false;
  }
  pollfd watched{descriptor, POLLIN, 0};
  poll(&watched, 1, k_stamp_timeout_ms);
  alignas(cmsghdr) std::array<char, 128> control{};
  iovec data{&byte, sizeof byte};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  return recvmsg(descriptor, &message, MSG_DONTWAIT) >= 0 && CMSG_FIRSTHDR(&message) != nullptr;
}

}  // namespace

KernelClock::KernelClock(bool enabled) : m_enabled(enabled), m_stamp_socket(make_stamp_socket()) {
  constexpr int k_most = 20;
  for (int i = 0; i < k_most && m_stamp_socket.valid() && !is_stamped(m_stamp_socket.get()); ++i) {
    poll(nullptr, 0, 1);
  }
  pair();
}

bool KernelClock::pair() {
  Duration best_width = Duration::max();
  Duration best_offset{};
  for (int i = 0; i < k_tries; ++i) {
    const Duration before = read_clock(CLOCK_MONOTONIC);
    const Duration wall = read_clock(CLOCK_REALTIME);
    const Duration after = read_clock(CLOCK_MONOTONIC);
    // The true difference lies between wall − after and wall − before.
    if (wall - after - k_tolerance <= m_offset && m_offset <= wall - before + k_tolerance) {
      return true;
    }
    if (after - before < best_width) {
      best_width = after - before;
      best_offset = wall - before - best_width / 2;
    }
    if (best_width < k_undisturbed) {
      break;
    }
  }
  m_offset = best_offset;
  return false;
}

std::optional<base::MonotonicTime> KernelClock::to_monotonic(const timespec& stamp) {
  if (!m_enabled || !pair()) {
    return std::nullopt;
  }
  return base::MonotonicTime(std::chrono::seconds(stamp.tv_sec) +
                             std::chrono::nanoseconds(stamp.tv_nsec) - m_offset);
}

}  // namespace inferometer::transport::net
