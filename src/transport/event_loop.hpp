#pragma once

#include "transport/connection/pool.hpp"
#include "transport/exchange.hpp"
#include "transport/inbox.hpp"
#include "transport/loop_services.hpp"
#include "transport/net/kernel_clock.hpp"
#include "transport/net/resolver.hpp"
#include "transport/poller.hpp"
#include "transport/stamp/lag_history.hpp"
#include "transport/stamp/wake_watch.hpp"
#include "transport/transport.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

namespace inferometer::transport {

/// One epoll loop for all connections. A turn first reads and stamps all that is ready, then works
/// through it; what is done for one exchange in a turn is bounded. Constructed, run and destroyed
/// by one thread.
class EventLoop {
 public:
  struct Shared {
    Poller& poller;
    Inbox& inbox;
    std::atomic<std::size_t>& open;                    ///< lowered as exchanges end
    std::atomic<MonotonicTime::rep>& last_turn;        ///< when the loop last turned
    const std::function<void(Duration)>& observe_lag;  ///< see Options
    bool kernel_stamps = true;                         ///< see Options
  };

  explicit EventLoop(Shared shared);
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  /// Waits until there is something to do, and does it.
  void turn();
  /// Cancels what is open and what waits.
  void cancel_all();

 private:
  /// Whose a watched descriptor is, and what it is watched for.
  struct Watched {
    Exchange* owner = nullptr;  ///< null: the pool
    bool readable = false;
    bool writable = false;
  };
  struct Work {
    Exchange* exchange;
    ReadResult reading;
  };

  void watch(int descriptor, Exchange* owner, bool readable, bool writable);
  void read(std::span<const Poller::Ready> ready);
  void read(Exchange& exchange, const Poller::Ready& event);
  void work(std::span<const Poller::Ready> ready);
  void take(const Work& work);
  void take_answers();
  void take_cancelled();
  void expire_deadlines(MonotonicTime now);
  void expire_idle(MonotonicTime now);
  bool open_waiting();
  void open(Inbox::Waiting waiting);
  void reap();
  void end(Exchange& exchange, Ending ending);
  void drop(Inbox::Waiting waiting);
  [[nodiscard]] std::optional<MonotonicTime> next_due() const;
  void note_lag(MonotonicTime now, std::optional<MonotonicTime> due);
  [[nodiscard]] Duration lag_since(MonotonicTime begin, MonotonicTime now) const;

  const Shared m_shared;
  std::vector<char> m_arena;                ///< what a turn reads
  std::array<char, 16UL * 1024> m_scratch;  ///< what is handled at once
  net::KernelClock m_clock;
  WakeWatch m_wake;
  net::Resolver m_resolver;
  std::vector<Watched> m_watched;  ///< by descriptor
  ConnectionPool m_pool;
  DeadlineQueue m_deadlines;
  LoopServices m_services;
  std::unordered_map<std::uint64_t, std::unique_ptr<Exchange>> m_open;
  std::vector<Work> m_work;
  std::size_t m_arena_used = 0;
  std::vector<std::uint64_t> m_touched;  ///< exchanges that may be over
  bool m_more_waiting = false;
  LagHistory m_lags;
  MonotonicTime m_next_heartbeat{};
  MonotonicTime m_next_idle_look{};
  std::optional<MonotonicTime> m_busy_since;
  Duration m_worst_lag{};  ///< since the last heartbeat
  Duration m_processor{};  ///< the thread's processor time at the last heartbeat
};

}  // namespace inferometer::transport
