#pragma once

#include <cstddef>

/// The memory of this test program in blocks of a mebibyte and more, such as big replies are made
/// of: linking big_blocks.cpp replaces operator new to count them.
namespace inferometer::http::test {

/// Bytes in such blocks now.
[[nodiscard]] std::size_t big_block_bytes();

/// The most there were since the last call of `forget_peak`.
[[nodiscard]] std::size_t peak_big_block_bytes();
void forget_peak();

}  // namespace inferometer::http::test
