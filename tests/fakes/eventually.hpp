#pragma once

#include <chrono>
#include <thread>

namespace inferometer::fakes {

/// Waits until `condition` holds, looking again after each `pause`; false if it does not within
/// `patience`.
template <typename Condition>
bool eventually(const Condition& condition,
                std::chrono::nanoseconds patience = std::chrono::seconds(20),
                std::chrono::milliseconds pause = std::chrono::milliseconds(1)) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) {
      return false;
    }
    std::this_thread::sleep_for(pause);
  }
  return true;
}

}  // namespace inferometer::fakes
