#include "http/event_loop.hpp"

#include "base/log.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <system_error>

namespace inferometer::http {
namespace {

using State = Connection::State;

constexpr int k_accepts_a_turn = 64;
constexpr int k_unsent_in_kernel = 128 << 10;  // bytes, for each connection
constexpr base::Duration k_accept_pause = std::chrono::milliseconds(100);
constexpr base::Duration k_warning_interval = std::chrono::minutes(1);
constexpr std::initializer_list<State> k_not_handling{State::shaking_hands, State::reading,
                                                      State::lingering, State::writing};

base::Descriptor make_wake_event() {
  base::Descriptor event(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (event.get() < 0) {
    throw std::system_error(errno, std::generic_category(), "eventfd");
  }
  return event;
}

void bound_unsent(int socket) {
  // Or the kernel would take megabytes for a client that reads nothing.
  ::setsockopt(socket, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &k_unsent_in_kernel,
               sizeof(k_unsent_in_kernel));
}

base::MonotonicTime now() {
  return base::system_clock().now();
}

}  // namespace

EventLoop::EventLoop(std::vector<base::Listener> listeners, Responder responder, LaneOf lane_of,
                     const Limits& limits, std::shared_ptr<Door> door)
    : m_limits(limits),
      m_lane_of(lane_of),
      m_door(std::move(door)),
      m_wake_event(make_wake_event()),
      m_listeners(std::move(listeners)),
      m_handshaker([this] { wake(); }),
      m_gate(m_door, [this] { wake(); }),
      m_dispatcher(limits, std::move(responder), [this] { wake(); }),
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
  m_handshaker.stop();
  m_gate.stop();
  m_dispatcher.stop();
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
      drop_all();
    }
  }
  drop_all();
}

void EventLoop::drop_all() {
  m_connections.clear();
  m_gate.abandon_all();
  m_dispatcher.abandon_all();
}

void EventLoop::turn() {
  wait_and_serve();
  if (m_stop && !stopping()) {
    m_listeners.clear();
    m_stop_deadline = m_now + m_limits.shutdown;
  }
  go_on_with_handshakes();
  take_replies();
  take_requests();
  take_decisions();
  close_expired();
  begin_requests();
}

int EventLoop::poll_timeout() const {
  base::MonotonicTime first = std::min(m_stop_deadline, m_now + k_warning_interval);
  const bool blocked = m_dispatcher.can_begin_page();
  for (const auto& [id, connection] : m_connections) {
    first = std::min(first, connection.deadline());
    if (blocked && connection.fresh(m_now)) {
      first = std::min(first, connection.pace_shows_at());
    }
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
    watched.push_back({connection.fd(), connection.events(), 0});
  }
  for (const base::Listener& listener : m_listeners) {
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
      connection.on_ready(each->revents, m_now);
    }
  }
  for (const base::Listener& listener : m_listeners) {
    if ((++each)->revents != 0) {
      accept_from(listener);
    }
  }
}

void EventLoop::accept_from(const base::Listener& listener) {
  for (int i = 0; i < k_accepts_a_turn; ++i) {
    base::Descriptor socket = base::accept_from(listener);
    if (socket.get() < 0) {
      if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
        // Out of descriptors or memory: poll() would report the waiting client again and again.
        make_room(k_not_handling);
        m_accept_after = m_now + k_accept_pause;
      }
      return;
    }
    if (m_connections.size() >= m_limits.connections && !make_room(k_not_handling)) {
      continue;
    }
    bound_unsent(socket.get());
    const std::shared_ptr<const Access> access = m_door->access();
    Stream stream = access->tls
                        ? Stream(std::make_shared<tls::Session>(access->tls, std::move(socket)))
                        : Stream(std::move(socket));
    m_connections.try_emplace(m_next_id++, std::move(stream), m_now, m_limits);
  }
}

void EventLoop::go_on_with_handshakes() {
  for (const tls::Handshaker::Step& step : m_handshaker.take_steps()) {
    const auto found = m_connections.find(step.client);
    if (found != m_connections.end()) {
      found->second.take_back(step.result, m_now);
    }
    if (step.result == tls::Session::Handshake::failed) {
      m_door->report(Refusal::handshake);
      base::log::debug("a handshake failed", {{"reason", step.problem}});
    }
  }
  for (auto& [id, connection] : m_connections) {
    if (std::shared_ptr<tls::Session> session = connection.lend_session()) {
      m_handshaker.go_on(id, std::move(session));
    }
  }
}

void EventLoop::take_replies() {
  for (const Dispatcher::Made& made : m_dispatcher.take_made()) {
    for (const Dispatcher::ClientId id : made.clients) {
      const auto found = m_connections.find(id);
      if (found != m_connections.end()) {
        found->second.reply(made.reply, m_now);
      }
    }
  }
}

void EventLoop::take_requests() {
  if (stopping()) {
    return;
  }
  std::size_t busy = count_busy();
  for (auto& [id, connection] : m_connections) {
    std::optional<std::string> head = connection.take_head(m_now);
    if (!head) {
      continue;
    }
    const Lane lane = m_lane_of(*head);
    const bool has_room = lane == Lane::urgent || busy < m_limits.busy_connections;
    if (has_room || make_room({State::writing})) {
      busy += has_room ? 1 : 0;
      if (auto decided =
              m_gate.ask({.client = id, .lane = lane, .head = std::move(*head)}, m_now)) {
        carry_out(*std::move(decided), connection);
      }
    } else {
      connection.reply(refusal("503 Service Unavailable", "too many requests at once: try again",
                               "Retry-After: 1\r\n"),
                       m_now);
    }
  }
}

void EventLoop::take_decisions() {
  for (Gate::Decided& decided : m_gate.take_decided()) {
    const auto found = m_connections.find(decided.request.client);
    if (found != m_connections.end()) {
      carry_out(std::move(decided), found->second);
    }
  }
}

void EventLoop::carry_out(Gate::Decided decided, Connection& connection) {
  if (decided.refusal) {
    connection.reply(*std::move(decided.refusal), m_now);
  } else {
    m_dispatcher.add(decided.request.client, decided.request.lane, std::move(decided.request.head));
  }
}

/// Those whose clients wait for a reply or read it: they cannot be cut off for a new one, or only
/// for a reason.
std::size_t EventLoop::count_busy() const {
  const auto is_busy = [](const auto& each) {
    const State state = each.second.state();
    return state == State::handling || state == State::writing;
  };
  return static_cast<std::size_t>(
      std::count_if(m_connections.begin(), m_connections.end(), is_busy));
}

/// So that replies take no more memory than the limit and one more for each thread, wherever they
/// are: with the threads, on the way back, or waiting for their readers.
void EventLoop::begin_requests() {
  m_dispatcher.begin_others();
  while (m_dispatcher.can_begin_page() && find_room()) {
    m_dispatcher.begin_page();
  }
}

/// Whether another request can be answered now. Where there is none, the slowest readers are
/// disconnected first, but not one whose reply has just begun.
bool EventLoop::find_room() {
  while (full()) {
    const auto slowest = find_worst({State::writing});
    if (slowest == m_connections.end() || slowest->second.fresh(m_now)) {
      return false;
    }
    cut_off(slowest);
  }
  return true;
}

bool EventLoop::full() const {
  std::size_t bytes = 0;
  std::set<const std::string*> bodies;
  for (const auto& [id, connection] : m_connections) {
    const Reply* const reply = connection.held();
    if (reply == nullptr) {
      continue;
    }
    bytes += reply->head.capacity();
    if (reply->body != nullptr && bodies.insert(reply->body.get()).second) {
      bytes += reply->body->capacity();
    }
  }
  // A single reply may be as long as it must.
  return bytes > m_limits.unsent_bytes && bodies.size() > 1;
}

void EventLoop::close_expired() {
  for (auto each = m_connections.begin(); each != m_connections.end();) {
    const Connection& connection = each->second;
    const State state = connection.state();
    const bool over = state == State::closed || connection.deadline() <= m_now ||
                      (stopping() && (state == State::shaking_hands || state == State::reading ||
                                      state == State::lingering));
    if (over) {
      m_gate.abandon(each->first);
      m_dispatcher.abandon(each->first);
    }
    each = over ? m_connections.erase(each) : std::next(each);
  }
}

/// The connection in one of `states` that has the most lag; the end if there is none.
EventLoop::Connections::iterator EventLoop::find_worst(std::initializer_list<State> states) {
  auto worst = m_connections.end();
  double most = 0;
  for (auto each = m_connections.begin(); each != m_connections.end(); ++each) {
    const double lag = each->second.lag(m_now);
    const bool candidate =
        std::find(states.begin(), states.end(), each->second.state()) != states.end();
    if (candidate && (worst == m_connections.end() || lag > most)) {
      worst = each;
      most = lag;
    }
  }
  return worst;
}

/// Closes the connection in one of `states` that has the most lag; false if none has any.
bool EventLoop::make_room(std::initializer_list<State> states) {
  auto slowest = find_worst(states);
  if (slowest != m_connections.end() && slowest->second.lag(m_now) < 0) {
    slowest = m_connections.end();
  }
  const bool found = slowest != m_connections.end();
  cut_off(slowest);
  return found;
}

/// Closes a connection, or none for the end: then the new one is refused.
void EventLoop::cut_off(Connections::iterator slowest) {
  ++m_evicted;
  if (m_now >= m_next_warning) {
    base::log::warn("too many web clients, slow ones are cut off",
                    {{"connections", m_connections.size()}, {"cut_off", m_evicted}});
    m_next_warning = m_now + k_warning_interval;
    m_evicted = 0;
  }
  if (slowest != m_connections.end()) {
    m_connections.erase(slowest);
  }
}

}  // namespace inferometer::http
