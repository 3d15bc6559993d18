#include "web/event_loop.hpp"

#include "base/log.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <optional>
#include <string>
#include <system_error>

namespace inferometer::web {
namespace {

using State = Connection::State;

constexpr int k_accepts_a_turn = 64;
constexpr base::Duration k_accept_pause = std::chrono::milliseconds(100);
constexpr base::Duration k_complaint_interval = std::chrono::minutes(1);

FileDescriptor make_wake_event() {
  FileDescriptor event(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (event.get() < 0) {
    throw std::system_error(errno, std::generic_category(), "eventfd");
  }
  return event;
}

base::MonotonicTime now() {
  return base::system_clock().now();
}

}  // namespace

EventLoop::EventLoop(std::vector<Listener> listeners, Responder responder, MayWait may_wait,
                     const Limits& limits)
    : m_limits(limits),
      m_responder(std::move(responder)),
      m_may_wait(may_wait),
      m_wake_event(make_wake_event()),
      m_listeners(std::move(listeners)),
      m_workers(limits.threads),
      m_waiting_workers(limits.probes + 1),
      m_thread([this] { run(); }) {}

EventLoop::~EventLoop() {
  stop();
}

void EventLoop::stop() {
  m_stop = true;
  wake();
  if (m_thread.joinable()) {
    m_thread.join();
  }
  m_workers.stop();
  m_waiting_workers.stop();
}

void EventLoop::wake() const {
  // Fails only if the counter is full, and then the loop is awake anyway.
  [[maybe_unused]] const int result = ::eventfd_write(m_wake_event.get(), 1);
}

bool EventLoop::stopping() const {
  return m_stop_deadline != base::MonotonicTime::max();
}

void EventLoop::run() {
  m_now = now();
  while (!stopping() || (!m_connections.empty() && m_now < m_stop_deadline)) {
    try {
      turn();
    } catch (const std::exception& exception) {
      base::log::error("web connections dropped", {{"error", exception.what()}});
      m_connections.clear();
    }
  }
  m_connections.clear();
}

void EventLoop::turn() {
  wait_and_serve();
  if (m_stop && !stopping()) {
    m_listeners.clear();
    m_stop_deadline = m_now + m_limits.shutdown;
  }
  take_replies();
  hand_out_requests();
  limit_unsent();
  close_expired();
}

int EventLoop::poll_timeout() const {
  base::MonotonicTime first = std::min(m_stop_deadline, m_now + k_complaint_interval);
  for (const auto& [id, connection] : m_connections) {
    first = std::min(first, connection.deadline());
  }
  if (m_accept_after > m_now) {
    first = std::min(first, m_accept_after);
  }
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(first - now());
  return static_cast<int>(std::max<std::chrono::milliseconds::rep>(wait.count(), 0));
}

void EventLoop::wait_and_serve() {
  std::vector<pollfd> watched;
  watched.reserve(1 + m_connections.size() + m_listeners.size());
  watched.push_back({m_wake_event.get(), POLLIN, 0});
  for (const auto& [id, connection] : m_connections) {
    const short events = connection.events();
    // poll() reports errors even where no event is asked for, unless the descriptor is negative.
    watched.push_back({events == 0 ? -1 : connection.fd(), events, 0});
  }
  for (const Listener& listener : m_listeners) {
    watched.push_back({m_accept_after > m_now ? -1 : listener.socket.get(), POLLIN, 0});
  }
  ::poll(watched.data(), watched.size(), poll_timeout());
  m_now = now();

  auto each = watched.begin();
  if (each->revents != 0) {
    eventfd_t ignored = 0;
    ::eventfd_read(m_wake_event.get(), &ignored);
  }
  for (auto& [id, connection] : m_connections) {
    if ((++each)->revents != 0) {
      connection.on_ready(m_now);
    }
  }
  for (const Listener& listener : m_listeners) {
    if ((++each)->revents != 0) {
      accept_from(listener);
    }
  }
}

void EventLoop::accept_from(const Listener& listener) {
  for (int i = 0; i < k_accepts_a_turn; ++i) {
    FileDescriptor socket(
        ::accept4(listener.socket.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (socket.get() < 0) {
      if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
        // Out of descriptors or memory: poll() would report the waiting client again and again.
        make_room({State::reading, State::lingering, State::writing});
        m_accept_after = m_now + k_accept_pause;
      }
      return;
    }
    if (m_connections.size() >= m_limits.connections &&
        !make_room({State::reading, State::lingering, State::writing})) {
      continue;
    }
    // The head and the body of a reply are one write; Nagle could only delay its last segment.
    const int on = 1;
    ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    m_connections.try_emplace(m_next_id++, std::move(socket), m_now, m_limits);
  }
}

void EventLoop::take_replies() {
  std::vector<std::pair<std::uint64_t, Reply>> replies;
  {
    const base::LockGuard lock(m_mutex);
    replies.swap(m_replies);
  }
  for (auto& [id, reply] : replies) {
    const auto found = m_connections.find(id);
    if (found != m_connections.end()) {
      found->second.reply(std::move(reply), m_now);
    }
  }
}

void EventLoop::hand_out_requests() {
  if (stopping()) {
    return;
  }
  for (auto& [id, connection] : m_connections) {
    if (std::optional<std::string> head = connection.take_head(m_now)) {
      WorkerPool& workers = m_may_wait(*head) ? m_waiting_workers : m_workers;
      workers.run([this, id = id, head = std::move(*head)] { respond(id, head); });
    }
  }
}

void EventLoop::respond(std::uint64_t id, std::string_view head) noexcept {
  Reply reply;
  try {
    reply = m_responder(head);
  } catch (const std::exception& exception) {
    base::log::error("http request failed", {{"error", exception.what()}});
  }
  {
    const base::LockGuard lock(m_mutex);
    m_replies.emplace_back(id, std::move(reply));
  }
  wake();
}

void EventLoop::limit_unsent() {
  for (;;) {
    std::size_t bytes = 0;
    std::size_t writers = 0;
    for (const auto& [id, connection] : m_connections) {
      bytes += connection.unsent();
      writers += connection.state() == State::writing ? 1U : 0U;
    }
    // A single reply may be as long as it must.
    if (bytes <= m_limits.unsent_bytes || writers < 2) {
      return;
    }
    make_room({State::writing});
  }
}

void EventLoop::close_expired() {
  std::erase_if(m_connections, [this](const auto& each) {
    const Connection& connection = each.second;
    const State state = connection.state();
    return state == State::closed || connection.deadline() <= m_now ||
           (stopping() && (state == State::reading || state == State::lingering));
  });
}

/// Closes the connection in one of `states` that is nearest to its deadline; false if there is
/// none.
bool EventLoop::make_room(std::initializer_list<State> states) {
  auto victim = m_connections.end();
  for (auto each = m_connections.begin(); each != m_connections.end(); ++each) {
    const bool candidate =
        std::find(states.begin(), states.end(), each->second.state()) != states.end();
    if (candidate &&
        (victim == m_connections.end() || each->second.deadline() < victim->second.deadline())) {
      victim = each;
    }
  }
  ++m_evicted;
  if (m_now >= m_complain_after) {
    base::log::warn("too many web clients, slow ones are cut off",
                    {{"connections", std::to_string(m_connections.size())},
                     {"cut_off", std::to_string(m_evicted)}});
    m_complain_after = m_now + k_complaint_interval;
    m_evicted = 0;
  }
  if (victim == m_connections.end()) {
    return false;
  }
  m_connections.erase(victim);
  return true;
}

}  // namespace inferometer::web
