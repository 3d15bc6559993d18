#pragma once

#include "base/clock.hpp"

#include <sys/epoll.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace inferometer::transport {

/// epoll with a wake-up that any thread may give. Everything else is for the loop's own thread.
class Poller {
 public:
  /// So many descriptors are reported at once.
  static constexpr std::size_t k_batch = 1024;

  struct Ready {
    int descriptor;
    bool readable;
    bool writable;
    bool failed;
  };

  /// Throws std::system_error if the process is out of descriptors.
  Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;
  ~Poller();

  /// Watches `descriptor` for what is asked, replacing what was; nothing asked: no longer watches.
  /// Throws std::system_error if the system refuses.
  void watch(int descriptor, bool readable, bool writable);
  void forget(int descriptor);

  /// Waits until a descriptor is ready, `wake` was called or `until` has come (no value: for ever).
  /// The result is valid until the next call.
  std::span<const Ready> wait(std::optional<base::MonotonicTime> until);
  /// Whether the last `wait` found nothing ready as it began.
  [[nodiscard]] bool slept() const { return m_slept; }

  /// Ends a `wait`, now or the next one. Thread-safe.
  void wake() const;

 private:
  int m_epoll;
  int m_wake;
  bool m_slept = false;
  std::array<epoll_event, k_batch> m_events{};
  std::array<Ready, k_batch> m_ready{};
};

}  // namespace inferometer::transport
