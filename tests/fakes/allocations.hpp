#pragma once

#include <cstddef>

/// What this test program has allocated: linking allocations.cpp replaces operator new to count it.
namespace inferometer::fakes {

/// Calls of operator new so far, on all threads.
[[nodiscard]] std::size_t allocations();

/// Bytes that are allocated now.
[[nodiscard]] std::size_t allocated_bytes();

}  // namespace inferometer::fakes
