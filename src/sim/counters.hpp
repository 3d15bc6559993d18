#pragma once

#include "sim/model/fault.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace inferometer::sim {

/// What a server has done so far. Written by its loop, read by any thread.
struct Counters {
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> open_connections{0};
  std::atomic<std::uint64_t> waiting{0};  ///< requests that wait for a place now
  std::array<std::atomic<std::uint64_t>, k_fault_count> faults{};
};

}  // namespace inferometer::sim
