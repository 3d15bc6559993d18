#pragma once

#include "base/clock.hpp"
#include "base/descriptor.hpp"

#include <functional>
#include <memory>

struct event;
struct event_base;

namespace inferometer::sim {

/// libevent's loop on the precise monotonic clock. Only stop() may be called from another thread
/// than the one that runs it.
class EventLoop {
 public:
  /// Throws std::runtime_error if the process cannot have one (out of descriptors).
  EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;
  ~EventLoop() = default;

  /// Serves events until stop().
  void run();

  /// Makes run() return after the callback that is under way, or at once if it comes later.
  void stop();

  [[nodiscard]] event_base* base() const { return m_base.get(); }

 private:
  std::unique_ptr<event_base, void (*)(event_base*)> m_base;
  base::Descriptor m_stop_fd;
  std::unique_ptr<event, void (*)(event*)> m_stop_event;
};

/// Something that the loop waits for: a descriptor's readiness or a moment. Calls its function on
/// the loop's thread; the function must not destroy the Event. What it throws is logged.
/// Throws std::bad_alloc or std::system_error if the loop cannot take it.
class Event {
 public:
  /// Readable or writable for as long as it is added; it stays added when it is served.
  enum class Readiness { readable, writable };

  Event(const EventLoop& loop, int fd, Readiness readiness, std::function<void()> function);

  /// A moment; served once each time it is set.
  Event(const EventLoop& loop, std::function<void()> function);

  /// Waits for the readiness. Harmless if it does so already.
  void add();

  /// Waits until `deadline`, in place of any moment before; never served early.
  void set(base::MonotonicTime deadline);

  /// Waits no longer.
  void remove();

 private:
  std::function<void()> m_function;
  std::unique_ptr<event, void (*)(event*)> m_event;
};

}  // namespace inferometer::sim
