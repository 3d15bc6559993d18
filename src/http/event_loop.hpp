#pragma once

#include "base/clock.hpp"
#include "base/listen.hpp"
#include "http/access/door.hpp"
#include "http/access/gate.hpp"
#include "http/codec.hpp"
#include "http/connection.hpp"
#include "http/dispatcher.hpp"
#include "http/limits.hpp"
#include "http/tls/handshaker.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <thread>
#include <vector>

namespace inferometer::http {

/// Serves HTTP: one thread carries the bytes of all connections, so that a client which sends or
/// reads slowly costs some memory but delays no other; the dispatcher's threads make the replies,
/// and what takes computing before that, handshakes and passwords, has a thread each.
class EventLoop {
 public:
  /// Starts serving. `responder` is called on worker threads; where it throws a std::exception, the
  /// connection is closed. Throws std::system_error if threads or descriptors cannot be had.
  EventLoop(std::vector<base::Listener> listeners, Responder responder, LaneOf lane_of,
            const Limits& limits, std::shared_ptr<Door> door = std::make_shared<Door>());
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;
  ~EventLoop();

  /// Closes the listeners and what is idle, lets replies under way finish within the limit,
  /// disconnects clients that still wait, and joins. Waits for a responder that still runs.
  /// Idempotent; one thread at a time.
  void stop();

 private:
  using Connections = std::map<Dispatcher::ClientId, Connection>;

  void run();
  void turn();
  void drop_all();
  [[nodiscard]] bool stopping() const;
  [[nodiscard]] int poll_timeout() const;
  void wait_and_serve();
  void accept_from(const base::Listener& listener);
  void go_on_with_handshakes();
  void take_replies();
  void take_requests();
  void take_decisions();
  void carry_out(Gate::Decided decided, Connection& connection);
  [[nodiscard]] std::size_t count_busy() const;
  void begin_requests();
  bool find_room();
  [[nodiscard]] bool full() const;
  void close_expired();
  Connections::iterator find_worst(std::initializer_list<Connection::State> states);
  bool make_room(std::initializer_list<Connection::State> states);
  void cut_off(Connections::iterator slowest);
  void wake() const;

  // Constant after construction.
  const Limits m_limits;
  const LaneOf m_lane_of;
  const std::shared_ptr<Door> m_door;
  const base::Descriptor m_wake_event;

  std::atomic<bool> m_stop{false};

  // Touched by the loop's thread only.
  std::vector<base::Listener> m_listeners;
  Connections m_connections;
  Dispatcher::ClientId m_next_id = 0;
  base::MonotonicTime m_now{};
  base::MonotonicTime m_accept_after{};
  base::MonotonicTime m_stop_deadline = base::MonotonicTime::max();
  base::MonotonicTime m_next_warning{};
  std::uint64_t m_evicted = 0;

  // Last, as their threads use all of the above.
  tls::Handshaker m_handshaker;
  Gate m_gate;
  Dispatcher m_dispatcher;
  std::thread m_thread;
};

}  // namespace inferometer::http
