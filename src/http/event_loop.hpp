#pragma once

#include "base/clock.hpp"
#include "base/listen.hpp"
#include "base/mutex.hpp"
#include "http/codec.hpp"
#include "http/connection.hpp"
#include "http/limits.hpp"
#include "http/worker_pool.hpp"

#include <poll.h>

#include <atomic>
#include <cstdint>
#include <deque>
#include <initializer_list>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace inferometer::http {

/// Serves HTTP: one thread carries the bytes of all connections, so that a client which sends or
/// reads slowly costs some memory but keeps nobody waiting; worker threads make the replies.
class EventLoop {
 public:
  /// Starts serving. Requests that may wait have threads of their own, so they cannot hold up the
  /// others. `responder` is called on worker threads; where it throws a std::exception, the
  /// connection is closed. Throws std::system_error if threads or descriptors cannot be had.
  EventLoop(std::vector<base::Listener> listeners, Responder responder, MayWait may_wait,
            const Limits& limits);
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;
  ~EventLoop();

  /// Closes the listeners and what is idle, lets replies under way finish within the limit, and
  /// joins. Waits for a responder that still runs. Idempotent; one thread at a time.
  void stop();

 private:
  using Connections = std::map<std::uint64_t, Connection>;

  /// Clients that sent the same bytes share one reply, begun after all of them had asked.
  struct Request {
    std::vector<std::uint64_t> connections;
    std::string head;
  };
  struct Made {
    std::vector<std::uint64_t> connections;
    Reply reply;
  };

  void run();
  void turn();
  [[nodiscard]] bool stopping() const;
  [[nodiscard]] int poll_timeout() const;
  void wait_and_serve();
  void accept_from(const base::Listener& listener);
  void take_replies() EXCLUDES(m_mutex);
  void take_requests();
  void enqueue(std::uint64_t connection, std::string head);
  void hand_out_requests();
  bool find_room();
  [[nodiscard]] bool full() const;
  void respond(Request request) noexcept EXCLUDES(m_mutex);
  void close_expired();
  Connections::iterator find_worst(std::initializer_list<Connection::State> states);
  bool make_room();
  void cut_off(Connections::iterator victim);
  void wake() const;

  // Constant after construction.
  const Limits m_limits;
  const Responder m_responder;
  const MayWait m_may_wait;
  const base::Descriptor m_wake_event;

  std::atomic<bool> m_stop{false};
  base::Mutex m_mutex;
  std::vector<Made> m_replies GUARDED_BY(m_mutex);

  // Touched by the loop's thread only.
  std::vector<base::Listener> m_listeners;
  Connections m_connections;
  std::uint64_t m_next_id = 0;
  std::deque<Request> m_requests;       // that nobody works on yet
  std::set<std::uint64_t> m_in_making;  // first connections of replies that are, or are not taken
  base::MonotonicTime m_now{};
  base::MonotonicTime m_accept_after{};
  base::MonotonicTime m_stop_deadline = base::MonotonicTime::max();
  base::MonotonicTime m_complain_after{};
  std::uint64_t m_evicted = 0;

  // Last, as their threads use all of the above.
  WorkerPool m_workers;
  WorkerPool m_waiting_workers;
  std::thread m_thread;
};

}  // namespace inferometer::http
