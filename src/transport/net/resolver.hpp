#pragma once

#include "transport/net/look_up.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace inferometer::transport::net {

/// Looks names up off the event loop: a lookup can hang and cannot be interrupted. At most
/// k_max_threads threads, each with one lookup; further names wait for one of them, first come,
/// first served. A request for a name and port that is being looked up shares that lookup. A thread
/// that finds nothing waiting ends. Thread-safe.
class Resolver {
 public:
  static constexpr std::size_t k_max_threads = 16;
  static constexpr std::size_t k_max_waiting = 10'000;  ///< names, not requests for them

  /// Called once, unless forgotten: on a thread of the resolver's, or within `resolve` on the
  /// caller's where no lookup is needed or possible. Must not block, throw or call the resolver; a
  /// thread that calls the resolver must not hold a lock that it takes.
  using Callback = std::function<void(const Addresses&)>;
  using Ticket = std::uint64_t;

  Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;
  /// Waits for no lookup: a thread that hangs is left behind, and touches nothing of ours any more.
  /// No callback is called after it.
  ~Resolver();

  /// `host` is a name or an address without brackets; an address is answered at once. `callback` is
  /// not empty.
  Ticket resolve(const std::string& host, std::uint16_t port, Callback callback);
  /// The callback will not be called any more once this returns; waits if it is being called. A
  /// name that waits for a thread and that no one asks for any more is not looked up.
  void forget(Ticket ticket);

 private:
  class State;
  std::shared_ptr<State> m_state;  // shared with the threads
};

}  // namespace inferometer::transport::net
