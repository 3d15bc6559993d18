#include "transport/event_loop.hpp"

#include "base/log.hpp"

#include <algorithm>
#include <utility>

namespace inferometer::transport {
namespace {

/// While exchanges are open the loop asks to be woken this often: how late that happens is its lag.
constexpr Duration k_heartbeat = std::chrono::milliseconds(20);

/// It turns this often in any case, so that others can tell that it does, and old idle connections
/// are closed.
constexpr Duration k_idle_heartbeat = std::chrono::seconds(1);

/// Opening a connection costs more than reading an event: a few openings between two rounds of
/// reads.
constexpr int k_openings_per_turn = 8;

/// What one exchange may read in a turn, in reads of a size that holds any usual event. What one
/// read of a packed body unpacks to keeps the loop busy for milliseconds, if it is meant to.
constexpr std::size_t k_read_bytes = 16UL * 1024;
constexpr int k_reads_per_turn = 4;
constexpr int k_packed_reads_per_turn = 1;

/// What all of them may; the rest stays in the sockets until the next turn.
constexpr std::size_t k_arena_bytes = 1024UL * 1024;

/// An exchange whose bytes keep the processor busy for longer than this in a turn is ended.
constexpr Duration k_longest_work = std::chrono::seconds(1);

}  // namespace

EventLoop::EventLoop(Shared shared)
    : m_shared(shared),
      m_arena(k_arena_bytes),
      m_clock(shared.kernel_stamps),
      m_pool([this](int descriptor, bool on) { watch(descriptor, nullptr, on, false); }),
      m_services{.clock = m_clock,
                 .wake = m_wake,
                 .pool = m_pool,
                 .resolver = m_resolver,
                 .deadlines = m_deadlines,
                 .scratch = m_scratch,
                 .watch = [this](int descriptor, Exchange* owner, bool readable,
                                 bool writable) { watch(descriptor, owner, readable, writable); },
                 .post =
                     [&inbox = m_shared.inbox](std::uint64_t exchange, net::Addresses answer) {
                       inbox.put(Inbox::Answer{exchange, std::move(answer),
                                               std::chrono::steady_clock::now()});
                     }},
      m_processor(thread_cpu_time()) {}

void EventLoop::turn() {
  const std::optional<MonotonicTime> due = next_due();
  const MonotonicTime before = std::chrono::steady_clock::now();
  if (m_busy_since) {
    note_lag(before, m_busy_since);
  }
  m_wake.begin(before);
  const auto ready = m_shared.poller.wait(m_more_waiting ? MonotonicTime::min() : due);
  const MonotonicTime now = std::chrono::steady_clock::now();
  m_wake.end(now, {.slept = m_shared.poller.slept(),
                   .complete = ready.size() + 1 < Poller::k_batch});  // the wake-up is one more
  m_shared.last_turn = now.time_since_epoch().count();
  note_lag(now, m_more_waiting ? std::nullopt : due);
  m_busy_since = now;
  read(ready);
  work(ready);
  take_answers();
  take_cancelled();
  expire_deadlines(now);
  expire_idle(now);
  m_more_waiting = open_waiting();
  reap();
}

void EventLoop::read(std::span<const Poller::Ready> ready) {
  m_work.clear();
  m_arena_used = 0;
  for (const Poller::Ready& event : ready) {
    Exchange* const owner = m_watched[static_cast<std::size_t>(event.descriptor)].owner;
    if (owner != nullptr && (event.readable || event.failed)) {
      read(*owner, event);
    }
  }
}

void EventLoop::read(Exchange& exchange, const Poller::Ready& event) {
  const int reads = exchange.unpacks() ? k_packed_reads_per_turn : k_reads_per_turn;
  for (int i = 0; i < reads && m_arena.size() - m_arena_used >= k_read_bytes; ++i) {
    const auto reading = exchange.read(event.descriptor, event.failed,
                                       std::span(m_arena).subspan(m_arena_used, k_read_bytes));
    if (!reading) {
      return;
    }
    m_arena_used += reading->bytes.size();
    m_work.push_back({&exchange, *reading});
    if (reading->bytes.size() < k_read_bytes) {
      return;  // nothing is left
    }
  }
  exchange.leave_waiting();
}

void EventLoop::work(std::span<const Poller::Ready> ready) {
  for (const Work& item : m_work) {
    take(item);
  }
  for (const Poller::Ready& event : ready) {
    Exchange* const owner = m_watched[static_cast<std::size_t>(event.descriptor)].owner;
    if (owner == nullptr) {
      m_pool.on_ready(event.descriptor, m_scratch);
    } else if (event.writable || owner->connecting()) {
      owner->on_ready(event.descriptor, event.writable);
      m_touched.push_back(owner->id());
    }
  }
}

void EventLoop::take(const Work& work) {
  work.exchange->take(work.reading);
  m_touched.push_back(work.exchange->id());
  const MonotonicTime now = std::chrono::steady_clock::now();
  if (now - *m_busy_since > k_longest_work && thread_cpu_time() - m_processor > k_longest_work) {
    work.exchange->give_up(Ending::protocol_error,
                           "the response kept the processor busy for more than a second");
  }
}

void EventLoop::take_answers() {
  for (const Inbox::Answer& answer : m_shared.inbox.take_answers()) {
    if (const auto found = m_open.find(answer.exchange); found != m_open.end()) {
      found->second->on_addresses(answer.addresses, answer.when);
      m_touched.push_back(answer.exchange);
    }
  }
}

void EventLoop::take_cancelled() {
  for (const std::uint64_t id : m_shared.inbox.take_cancelled()) {
    if (const auto found = m_open.find(id); found != m_open.end()) {
      end(*found->second, Ending::cancelled);
    } else if (auto waiting = m_shared.inbox.take_waiting(id)) {
      drop(*std::move(waiting));
    }
  }
}

void EventLoop::expire_deadlines(MonotonicTime now) {
  while (!m_deadlines.empty() && m_deadlines.top().first <= now) {
    const std::uint64_t id = m_deadlines.top().second;
    m_deadlines.pop();
    if (const auto found = m_open.find(id); found != m_open.end()) {
      found->second->on_due(now);
      m_touched.push_back(id);
    }
  }
}

void EventLoop::expire_idle(MonotonicTime now) {
  if (now >= m_next_idle_look) {
    m_next_idle_look = now + k_idle_heartbeat;
    m_pool.expire(now);
  }
}

/// Opens some of what waits; true if more may be waiting.
bool EventLoop::open_waiting() {
  for (int opened = 0; opened < k_openings_per_turn; ++opened) {
    std::optional<Inbox::Waiting> next = m_shared.inbox.take_waiting();
    if (!next) {
      return false;
    }
    open(*std::move(next));
  }
  return true;
}

void EventLoop::open(Inbox::Waiting waiting) {
  const MonotonicTime now = std::chrono::steady_clock::now();
  if (m_open.empty()) {
    m_next_heartbeat = now + k_heartbeat;
  }
  const std::uint64_t id = waiting.id;
  auto exchange =
      std::make_unique<Exchange>(id, std::move(waiting.request), std::move(waiting.route),
                                 std::move(waiting.listener), m_services);
  Exchange& opened = *m_open.emplace(id, std::move(exchange)).first->second;
  opened.begin(now);
  m_touched.push_back(id);
}

/// Ends the exchanges that are over; none is destroyed before the end of the turn that ended it.
void EventLoop::reap() {
  for (const std::uint64_t id : std::exchange(m_touched, {})) {
    const auto found = m_open.find(id);
    if (found != m_open.end() && found->second->over()) {
      end(*found->second, Ending::internal_error);
    }
  }
}

void EventLoop::end(Exchange& exchange, Ending ending) {
  const auto begin = exchange.request_begin();
  --m_shared.open;  // first, as the listener may report the end to other threads
  exchange.end(ending,
               begin ? lag_since(*begin, std::chrono::steady_clock::now()) : Duration::zero());
  m_open.erase(exchange.id());
  if (m_open.empty()) {
    m_lags.forget_before(MonotonicTime::max());
  }
}

void EventLoop::cancel_all() {
  while (!m_open.empty()) {
    end(*m_open.begin()->second, Ending::cancelled);
  }
  while (std::optional<Inbox::Waiting> waiting = m_shared.inbox.take_waiting()) {
    drop(*std::move(waiting));
  }
}

/// Ends as cancelled what was not opened yet.
void EventLoop::drop(Inbox::Waiting waiting) {
  Exchange exchange(waiting.id, std::move(waiting.request), std::move(waiting.route),
                    std::move(waiting.listener), m_services);
  --m_shared.open;
  exchange.end(Ending::cancelled, Duration::zero());
}

void EventLoop::watch(int descriptor, Exchange* owner, bool readable, bool writable) {
  const auto index = static_cast<std::size_t>(descriptor);
  if (index >= m_watched.size()) {
    m_watched.resize(index + 1);
  }
  Watched& watched = m_watched[index];
  if (watched.readable != readable || watched.writable != writable) {
    m_shared.poller.watch(descriptor, readable, writable);
  }
  watched = {.owner = owner, .readable = readable, .writable = writable};
}

/// The loop was due to go on at `due` and did at `now`.
void EventLoop::note_lag(MonotonicTime now, std::optional<MonotonicTime> due) {
  const Duration lag = due ? std::max(now - *due, Duration::zero()) : Duration::zero();
  m_lags.record(now, lag);
  m_worst_lag = std::max(m_worst_lag, lag);
  if (m_open.empty() || now < m_next_heartbeat) {
    return;
  }
  m_next_heartbeat = now + k_heartbeat;
  m_processor = thread_cpu_time();
  if (m_shared.observe_lag) {
    m_shared.observe_lag(m_worst_lag);
  }
  m_worst_lag = Duration::zero();
}

std::optional<MonotonicTime> EventLoop::next_due() const {
  MonotonicTime due =
      m_open.empty() ? m_busy_since.value_or(MonotonicTime{}) + k_idle_heartbeat : m_next_heartbeat;
  if (!m_deadlines.empty()) {
    due = std::min(due, m_deadlines.top().first);
  }
  return due;
}

/// The loop's worst delay since `begin`, with that of the turn that is not over yet.
Duration EventLoop::lag_since(MonotonicTime begin, MonotonicTime now) const {
  const MonotonicTime turn_begin = m_busy_since.value_or(now);
  return std::max(m_lags.worst_since(begin), now - std::max(turn_begin, begin));
}

}  // namespace inferometer::transport
