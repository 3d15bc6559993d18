#pragma once

#include "base/clock.hpp"

#include <cstdint>
#include <functional>
#include <queue>
#include <utility>
#include <vector>

namespace inferometer::transport {

/// When to look at which exchange again, earliest first. An entry may be out of date: whoever pops
/// it asks the exchange.
using DeadlineQueue =
    std::priority_queue<std::pair<base::MonotonicTime, std::uint64_t>,
                        std::vector<std::pair<base::MonotonicTime, std::uint64_t>>, std::greater<>>;

/// What the exchanges of one event loop share with it. For the loop's thread only.
struct LoopState {
  std::uint64_t turn = 0;  ///< counts the calls into libcurl: no read spans two of them
  DeadlineQueue deadlines;
};

}  // namespace inferometer::transport
