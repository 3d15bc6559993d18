#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/thread/mutex.hpp"
#include "transport/net/look_up.hpp"
#include "transport/poller.hpp"
#include "transport/route.hpp"
#include "transport/transport.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

namespace inferometer::transport {

/// What other threads hand to an event loop. Thread-safe; wakes the loop.
class Inbox {
 public:
  explicit Inbox(const Poller& poller) : m_poller(poller) {}

  /// An exchange that is to be opened.
  struct Waiting {
    std::uint64_t id = 0;
    Request request;
    base::Result<Route> route;
    std::unique_ptr<Listener> listener;
  };
  /// The answer to a lookup of an exchange's.
  struct Answer {
    std::uint64_t exchange = 0;
    net::Addresses addresses;
    base::MonotonicTime when{};
  };

  /// Takes `waiting` over, unless the loop is ending: then it is left as it was, and false
  /// returned.
  [[nodiscard]] bool put(Waiting& waiting) EXCLUDES(m_mutex);
  void put(Answer answer) EXCLUDES(m_mutex);
  /// The exchange is to be cancelled.
  void cancel(std::uint64_t exchange) EXCLUDES(m_mutex);
  /// The loop is to end. Idempotent.
  void stop() EXCLUDES(m_mutex);

  [[nodiscard]] bool stopping() const EXCLUDES(m_mutex);
  /// The next exchange to open, if there is one.
  [[nodiscard]] std::optional<Waiting> take_waiting() EXCLUDES(m_mutex);
  /// That one, if it still waits.
  [[nodiscard]] std::optional<Waiting> take_waiting(std::uint64_t id) EXCLUDES(m_mutex);
  [[nodiscard]] std::vector<Answer> take_answers() EXCLUDES(m_mutex);
  [[nodiscard]] std::vector<std::uint64_t> take_cancelled() EXCLUDES(m_mutex);

 private:
  const Poller& m_poller;
  mutable base::Mutex m_mutex;
  std::deque<Waiting> m_waiting GUARDED_BY(m_mutex);
  std::vector<Answer> m_answers GUARDED_BY(m_mutex);
  std::vector<std::uint64_t> m_cancelled GUARDED_BY(m_mutex);
  bool m_stopping GUARDED_BY(m_mutex) = false;
};

}  // namespace inferometer::transport
