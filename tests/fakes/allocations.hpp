#pragma once

#include <cstddef>

/// What this test program has allocated: linking allocations.cpp replaces operator new to count it.
namespace inferometer::fakes {

/// Calls of operator new so far, on all threads.
[[nodiscard]] std::size_t allocations();

/// Bytes that are allocated now.
[[nodiscard]] std::size_t allocated_bytes();

/// Of these, the bytes in blocks of a mebibyte and more, such as big replies are made of.
[[nodiscard]] std::size_t big_block_bytes();

/// The most there were in such blocks since the last call of `forget_peak`.
[[nodiscard]] std::size_t peak_big_block_bytes();
void forget_peak();

}  // namespace inferometer::fakes
