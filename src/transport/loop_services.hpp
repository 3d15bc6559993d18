#pragma once

#include "base/clock.hpp"
#include "transport/connection/pool.hpp"
#include "transport/net/kernel_clock.hpp"
#include "transport/net/resolver.hpp"
#include "transport/stamp/wake_watch.hpp"

#include <cstdint>
#include <functional>
#include <queue>
#include <span>
#include <utility>
#include <vector>

namespace inferometer::transport {

class Exchange;

/// When to look at which exchange again, earliest first. An entry may be out of date: the exchange
/// is asked when it is popped.
using DeadlineQueue =
    std::priority_queue<std::pair<base::MonotonicTime, std::uint64_t>,
                        std::vector<std::pair<base::MonotonicTime, std::uint64_t>>, std::greater<>>;

/// What the exchanges of one event loop use of it. For the loop's thread only, but for `post`.
struct LoopServices {
  net::KernelClock& clock;
  WakeWatch& wake;
  ConnectionPool& pool;
  net::Resolver& resolver;
  DeadlineQueue& deadlines;
  std::span<char> scratch;  ///< for reads whose bytes are handled at once

  /// Has a descriptor watched for an exchange, replacing what was; for nothing: no longer. Throws
  /// std::system_error if the system refuses.
  std::function<void(int descriptor, Exchange* owner, bool readable, bool writable)> watch;

  /// Hands the answer to a lookup over to the exchange of that id, which may have ended.
  /// Thread-safe.
  std::function<void(std::uint64_t exchange, net::Addresses answer)> post;
};

}  // namespace inferometer::transport
