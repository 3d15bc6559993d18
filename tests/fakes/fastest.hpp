#pragma once

#include <algorithm>
#include <chrono>

namespace inferometer::fakes {

/// How long the fastest of some runs took: other processes run as well.
template <typename Run>
std::chrono::steady_clock::duration fastest(int runs, const Run& run) {
  using Clock = std::chrono::steady_clock;
  auto best = Clock::duration::max();
  for (int i = 0; i < runs; ++i) {
    const auto begin = Clock::now();
    run();
    best = std::min(best, Clock::now() - begin);
  }
  return best;
}

}  // namespace inferometer::fakes
