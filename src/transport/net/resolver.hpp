#pragma once

#include "base/error.hpp"
#include "transport/net/address.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace inferometer::transport::net {

/// Looks names up with the C library, off the event loop: a lookup can hang for half a minute and
/// cannot be interrupted. At most k_max_threads threads, each with at most one lookup; a name that
/// is being looked up already is not looked up a second time. Threads end when they have nothing to
/// do. Thread-safe.
class Resolver {
 public:
  static constexpr std::size_t k_max_threads = 16;

  using Answer = base::Result<std::vector<Address>>;
  /// Called once, on a thread of the resolver's; must not block. Never after `forget`.
  using Callback = std::function<void(const Answer&)>;
  using Ticket = std::uint64_t;

  Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;
  /// Waits for no lookup: a thread that hangs is left behind, and touches nothing of ours any more.
  ~Resolver();

  /// `host` is a name or an address without brackets. The answer has at least one address or is an
  /// error; its order is the C library's (RFC 6724).
  Ticket resolve(const std::string& host, std::uint16_t port, Callback callback);
  /// The callback will not be called any more once this returns.
  void forget(Ticket ticket);

 private:
  struct State;
  std::shared_ptr<State> m_state;  // shared with the threads
};

}  // namespace inferometer::transport::net
