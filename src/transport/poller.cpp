#include "transport/poller.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <system_error>

namespace inferometer::transport {
namespace {

int checked(int descriptor, const char* what) {
  if (descriptor < 0) {
    throw std::system_error(errno, std::generic_category(), what);
  }
  return descriptor;
}

timespec time_left(base::MonotonicTime until) {
  // Compared first: the difference to the earliest of all times does not fit a Duration.
  const base::MonotonicTime now = std::chrono::steady_clock::now();
  const base::Duration left = until > now ? until - now : base::Duration::zero();
  const auto whole = std::chrono::duration_cast<std::chrono::seconds>(left);
  return {.tv_sec = whole.count(), .tv_nsec = (left - whole).count()};
}

int wait_for_events(int epoll, std::span<epoll_event> events,
                    std::optional<base::MonotonicTime> until) {
  // epoll_pwait2 takes nanoseconds where epoll_wait rounds to milliseconds, but kernels before 5.11
  // lack it and some container sandboxes forbid it.
  const int size = static_cast<int>(events.size());
  const timespec timeout = until ? time_left(*until) : timespec{};
  const int count = epoll_pwait2(epoll, events.data(), size, until ? &timeout : nullptr, nullptr);
  if (count >= 0 || (errno != ENOSYS && errno != EPERM)) {
    return count;
  }
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(
      std::chrono::seconds(timeout.tv_sec) + std::chrono::nanoseconds(timeout.tv_nsec));
  const auto bounded = std::min<std::int64_t>(left.count(), std::numeric_limits<int>::max());
  return epoll_wait(epoll, events.data(), size, until ? static_cast<int>(bounded) : -1);
}

}  // namespace

Poller::Poller()
    : m_epoll(checked(epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
      m_wake(checked(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd")) {
  watch(m_wake, true, false);
}

Poller::~Poller() {
  close(m_wake);
  close(m_epoll);
}

void Poller::watch(int descriptor, bool readable, bool writable) {
  if (!readable && !writable) {
    forget(descriptor);  // epoll would still report errors and the other side's end
    return;
  }
  epoll_event event{};
  event.events = (readable ? EPOLLIN : 0U) | (writable ? EPOLLOUT : 0U);
  event.data.fd = descriptor;
  if (epoll_ctl(m_epoll, EPOLL_CTL_MOD, descriptor, &event) != 0) {
    checked(epoll_ctl(m_epoll, EPOLL_CTL_ADD, descriptor, &event), "epoll_ctl");
  }
}

void Poller::forget(int descriptor) {
  // It may be closed already, and so gone by itself: nothing to report.
  epoll_ctl(m_epoll, EPOLL_CTL_DEL, descriptor, nullptr);
}

std::span<const Poller::Ready> Poller::wait(std::optional<base::MonotonicTime> until) {
  int count = epoll_wait(m_epoll, m_events.data(), k_batch, 0);
  m_slept = count == 0;
  if (m_slept) {
    count = wait_for_events(m_epoll, m_events, until);
  }
  std::size_t ready = 0;
  for (int i = 0; i < count; ++i) {  // count is -1 on EINTR: as if nothing were ready
    const epoll_event& event = m_events[static_cast<std::size_t>(i)];
    if (event.data.fd == m_wake) {
      std::uint64_t wakes = 0;
      [[maybe_unused]] const auto drained = read(m_wake, &wakes, sizeof wakes);
      continue;
    }
    m_ready[ready++] = Ready{.descriptor = event.data.fd,
                             .readable = (event.events & (EPOLLIN | EPOLLHUP)) != 0,
                             .writable = (event.events & EPOLLOUT) != 0,
                             .failed = (event.events & EPOLLERR) != 0};
  }
  return {m_ready.data(), ready};
}

void Poller::wake() const {
  const std::uint64_t one = 1;
  // It fails only when the counter is full: then a wake-up is pending anyway.
  [[maybe_unused]] const auto written = write(m_wake, &one, sizeof one);
}

}  // namespace inferometer::transport
