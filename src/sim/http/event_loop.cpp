#include "sim/http/event_loop.hpp"

#include "base/log.hpp"

#include <event2/event.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <new>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace inferometer::sim {
namespace {

event_base* make_base() {
  const std::unique_ptr<event_config, void (*)(event_config*)> config(event_config_new(),
                                                                      event_config_free);
  if (config == nullptr) {
    return nullptr;
  }
  // Without the cache a deadline counts from now and not from when the loop last woke up.
  event_config_set_flag(config.get(),
                        EVENT_BASE_FLAG_PRECISE_TIMER | EVENT_BASE_FLAG_NO_CACHE_TIME);
  return event_base_new_with_config(config.get());
}

extern "C" void break_loop(evutil_socket_t /*fd*/, short /*what*/, void* base) {
  event_base_loopbreak(static_cast<event_base*>(base));
}

/// libevent is C: no exception may pass through it.
extern "C" void call_function(evutil_socket_t /*fd*/, short /*what*/, void* function) {
  try {
    (*static_cast<std::function<void()>*>(function))();
  } catch (const std::exception& error) {
    base::log::error("simulator's event loop", {{"error", error.what()}});
  }
}

event* checked(event* made) {
  if (made == nullptr) {
    throw std::bad_alloc();
  }
  return made;
}

void check(int result) {
  if (result != 0) {
    throw std::system_error(errno, std::generic_category(), "the simulator's event loop");
  }
}

}  // namespace

EventLoop::EventLoop()
    : m_base(make_base(), event_base_free),
      m_stop_fd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      m_stop_event(nullptr, event_free) {
  if (m_base == nullptr || !m_stop_fd.valid()) {
    throw std::runtime_error("the simulator cannot create its event loop: too many open files?");
  }
  m_stop_event.reset(checked(
      event_new(m_base.get(), m_stop_fd.get(), EV_READ | EV_PERSIST, break_loop, m_base.get())));
  check(event_add(m_stop_event.get(), nullptr));
}

void EventLoop::run() {
  event_base_dispatch(m_base.get());
}

void EventLoop::stop() {
  // The counter stays readable, so that a run() which has not begun yet returns too. The write
  // fails only if it is full, that is, if the loop was stopped very often already.
  [[maybe_unused]] const int result = eventfd_write(m_stop_fd.get(), 1);
}

Event::Event(const EventLoop& loop, int fd, Readiness readiness, std::function<void()> function)
    : m_function(std::move(function)),
      m_event(checked(event_new(
                  loop.base(), fd,
                  static_cast<short>((readiness == Readiness::readable ? EV_READ : EV_WRITE) |
                                     EV_PERSIST),
                  call_function, &m_function)),
              event_free) {}

Event::Event(const EventLoop& loop, std::function<void()> function)
    : m_function(std::move(function)),
      m_event(checked(event_new(loop.base(), -1, 0, call_function, &m_function)), event_free) {}

void Event::add() {
  check(event_add(m_event.get(), nullptr));
}

void Event::set(base::MonotonicTime deadline) {
  using std::chrono::microseconds;
  // libevent counts in whole microseconds and cuts off what is over in its own reading of the
  // clock: one more microsecond than the rest of the wait keeps it from being early.
  const auto delay = std::max(
      microseconds(0),
      std::chrono::ceil<microseconds>(deadline - base::system_clock().now()) + microseconds(1));
  const timeval wait{.tv_sec = delay.count() / 1'000'000, .tv_usec = delay.count() % 1'000'000};
  check(event_add(m_event.get(), &wait));
}

void Event::remove() {
  event_del(m_event.get());
}

}  // namespace inferometer::sim
