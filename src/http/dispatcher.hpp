#pragma once

#include "base/thread/mutex.hpp"
#include "base/thread/worker_pool.hpp"
#include "http/codec.hpp"
#include "http/limits.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace inferometer::http {

/// The requests on their way to replies, each in its lane: they wait, begin on the threads of that
/// lane, and come back. One whose clients have all left is dropped if it has not begun, and told of
/// it if it has. Clients that send the same bytes share a page, but nothing else: what waits, or
/// changes something, is done for each. Belongs to one thread, except where it says otherwise.
class Dispatcher {
 public:
  using ClientId = std::uint64_t;

  /// One reply for all clients that wait for it.
  struct Made {
    std::vector<ClientId> clients;  ///< none: all have left
    Reply reply;
  };

  /// `responder` is called on threads of its own; where it throws a std::exception, the reply is
  /// empty. `wake` is called on those threads when a reply was made. Throws std::system_error if no
  /// threads can be had.
  Dispatcher(const Limits& limits, Responder responder, std::function<void()> wake);
  Dispatcher(const Dispatcher&) = delete;
  Dispatcher& operator=(const Dispatcher&) = delete;
  ~Dispatcher();

  /// Takes a client's request. REQUIRES: it has none.
  void add(ClientId client, Lane lane, std::string head);
  /// Forgets a client that has left, if it waits for a reply.
  void abandon(ClientId client);
  void abandon_all();

  /// Whether a page waits and a thread is free to begin it. Large pages are not made at the same
  /// time, so that their making takes no more memory than Limits::unsent_bytes, or one page.
  [[nodiscard]] bool can_begin_page() const;
  /// Begins the page that has waited longest. REQUIRES: can_begin_page().
  void begin_page();
  /// Begins whatever else has a free thread.
  void begin_others();

  /// The replies that were made since the last call.
  [[nodiscard]] std::vector<Made> take_made() EXCLUDES(m_mutex);

  /// Waits for the requests that have begun, and drops the others. Idempotent.
  void stop();

 private:
  struct Task;
  using SharedTask = std::shared_ptr<Task>;

  struct Queue {
    std::size_t threads;
    std::deque<SharedTask> waiting;
    std::size_t begun = 0;  // and not taken back
    base::WorkerPool workers;

    Queue(const char* name, std::size_t max_threads)
        : threads(max_threads), workers(name, max_threads) {}
    [[nodiscard]] bool can_begin() const { return !waiting.empty() && begun < threads; }
  };

  [[nodiscard]] Queue& queue_of(Lane lane) { return m_queues[static_cast<std::size_t>(lane)]; }
  [[nodiscard]] const Queue& queue_of(Lane lane) const {
    return m_queues[static_cast<std::size_t>(lane)];
  }
  void begin_next(Queue& queue);
  void respond(const SharedTask& task) noexcept EXCLUDES(m_mutex);

  // Constant after construction.
  const std::size_t m_max_page_bytes;
  const Responder m_responder;
  const std::function<void()> m_wake;

  base::Mutex m_mutex;
  std::vector<SharedTask> m_made GUARDED_BY(m_mutex);

  // Of the owner's thread.
  std::map<ClientId, SharedTask> m_tasks;
  std::size_t m_page_bytes = 0;  // about the largest of the latest pages

  std::array<Queue, 3> m_queues;  // last, as their threads use all of the above
};

}  // namespace inferometer::http
