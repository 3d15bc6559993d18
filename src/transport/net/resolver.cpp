#include "transport/net/resolver.hpp"

#include "base/error.hpp"
#include "base/thread/mutex.hpp"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <set>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace inferometer::transport::net {
namespace {

using Ticket = Resolver::Ticket;
using Callback = Resolver::Callback;

/// What is looked up: a host and a port.
using Name = std::pair<std::string, std::uint16_t>;

/// The ticket of what was answered within `resolve`.
constexpr Ticket k_answered = 0;

Addresses refusal(const Name& name, std::string_view reason) {
  return tl::make_unexpected(
      ResolveError{.cause = ResolveError::Cause::resources,
                   .message = fmt::format("cannot resolve {}: {}", name.first, reason)});
}

}  // namespace

/// What the resolver shares with its threads. Callbacks are called under the mutex: while it is
/// held none is running.
class Resolver::State {
 public:
  /// Takes `callback` away unless it fails.
  base::Result<Ticket> ask(const std::shared_ptr<State>& self, const Name& name, Callback& callback)
      EXCLUDES(m_mutex);
  void forget(Ticket ticket) EXCLUDES(m_mutex);
  void forget_all() EXCLUDES(m_mutex);

 private:
  struct Ask {
    Name name;
    Callback callback;
  };
  struct Lookup {
    std::set<Ticket> askers;
    std::optional<Ticket> place;  ///< in the queue; none: a thread has taken it
  };

  /// Starts a thread for one more name unless there are enough.
  base::Result<void> provide_thread(const std::shared_ptr<State>& self) REQUIRES(m_mutex);
  /// What a thread runs.
  void work() EXCLUDES(m_mutex);
  /// The next name for a thread; none: the thread ends.
  std::optional<Name> take_next() EXCLUDES(m_mutex);
  std::set<Ticket> take_askers(const Name& name) EXCLUDES(m_mutex);
  void answer(Ticket ticket, const Addresses& addresses) EXCLUDES(m_mutex);

  base::Mutex m_mutex;
  Ticket m_last_ticket GUARDED_BY(m_mutex) = k_answered;
  std::size_t m_threads GUARDED_BY(m_mutex) = 0;
  std::map<Ticket, Ask> m_asks GUARDED_BY(m_mutex);
  std::map<Name, Lookup> m_lookups GUARDED_BY(m_mutex);
  std::map<Ticket, Name> m_queue GUARDED_BY(m_mutex);  ///< by the ticket of the first request
};

base::Result<Ticket> Resolver::State::ask(const std::shared_ptr<State>& self, const Name& name,
                                          Callback& callback) {
  const base::LockGuard lock(m_mutex);
  const Ticket ticket = ++m_last_ticket;
  auto lookup = m_lookups.find(name);
  if (lookup == m_lookups.end()) {
    if (const auto provided = provide_thread(self); !provided) {
      return tl::make_unexpected(provided.error());
    }
    lookup = m_lookups.emplace(name, Lookup{.askers = {}, .place = ticket}).first;
    m_queue.emplace(ticket, name);
  }
  lookup->second.askers.insert(ticket);
  m_asks.emplace(ticket, Ask{name, std::move(callback)});
  return ticket;
}

base::Result<void> Resolver::State::provide_thread(const std::shared_ptr<State>& self) {
  if (m_queue.size() >= k_max_waiting) {
    return base::fail("too many names wait for their lookup");
  }
  if (m_threads == k_max_threads) {
    return {};
  }
  try {
    std::thread([self] { self->work(); }).detach();
  } catch (const std::system_error& error) {
    return base::fail(fmt::format("no thread to be had: {}", error.code().message()));
  }
  ++m_threads;
  return {};
}

void Resolver::State::forget(Ticket ticket) {
  Callback callback;  // destroyed after the lock: what it holds may call the resolver
  const base::LockGuard lock(m_mutex);
  const auto ask = m_asks.find(ticket);
  if (ask == m_asks.end()) {
    return;
  }
  callback = std::move(ask->second.callback);
  const auto lookup = m_lookups.find(ask->second.name);
  m_asks.erase(ask);
  if (lookup == m_lookups.end()) {
    return;
  }
  auto& [askers, place] = lookup->second;
  askers.erase(ticket);
  if (askers.empty() && place) {
    m_queue.erase(*place);
    m_lookups.erase(lookup);
  }
}

void Resolver::State::forget_all() {
  std::map<Ticket, Ask> asks;  // destroyed after the lock
  const base::LockGuard lock(m_mutex);
  asks.swap(m_asks);
  m_queue.clear();
  m_lookups.clear();
}

void Resolver::State::work() {
  while (const std::optional<Name> name = take_next()) {
    const Addresses addresses = look_up(name->first, name->second);
    for (const Ticket ticket : take_askers(*name)) {
      answer(ticket, addresses);
    }
  }
}

std::optional<Name> Resolver::State::take_next() {
  const base::LockGuard lock(m_mutex);
  if (m_queue.empty()) {
    --m_threads;
    return std::nullopt;
  }
  const auto next = m_queue.begin();
  std::optional<Name> name = std::move(next->second);
  m_queue.erase(next);
  m_lookups.at(*name).place.reset();
  return name;
}

std::set<Ticket> Resolver::State::take_askers(const Name& name) {
  const base::LockGuard lock(m_mutex);
  const auto lookup = m_lookups.extract(name);
  return lookup ? std::move(lookup.mapped().askers) : std::set<Ticket>();
}

/// One at a time, so that other threads need not wait for all of them.
void Resolver::State::answer(Ticket ticket, const Addresses& addresses) {
  Callback callback;  // destroyed after the lock
  const base::LockGuard lock(m_mutex);
  const auto ask = m_asks.find(ticket);
  if (ask != m_asks.end()) {
    callback = std::move(ask->second.callback);
    m_asks.erase(ask);
    callback(addresses);
  }
}

Resolver::Resolver() : m_state(std::make_shared<State>()) {}

Resolver::~Resolver() {
  m_state->forget_all();
}

Resolver::Ticket Resolver::resolve(const std::string& host, std::uint16_t port, Callback callback) {
  if (const auto address = parse_address(host, port)) {
    callback(std::vector{*address});
    return k_answered;
  }
  const Name name(host, port);
  const base::Result<Ticket> ticket = m_state->ask(m_state, name, callback);
  if (!ticket) {
    callback(refusal(name, ticket.error().message));
  }
  return ticket.value_or(k_answered);
}

void Resolver::forget(Ticket ticket) {
  m_state->forget(ticket);
}

}  // namespace inferometer::transport::net
