#pragma once

#include "base/clock.hpp"

namespace inferometer::fakes {

/// The instant so long after the epoch of the monotonic clock.
[[nodiscard]] constexpr base::MonotonicTime at(base::Duration since_epoch) {
  return base::MonotonicTime(since_epoch);
}

[[nodiscard]] inline base::MonotonicTime now() {
  return std::chrono::steady_clock::now();
}

}  // namespace inferometer::fakes
