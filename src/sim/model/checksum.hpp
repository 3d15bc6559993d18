#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace inferometer::sim {

/// Writes `value` big-endian over the four bytes at `at`.
void write_u32(std::string& bytes, std::size_t at, std::uint32_t value);

/// Writes the CRC-32 (IEEE 802.3, big-endian) of the bytes from `begin` up to `end` over the four
/// bytes that follow them.
void write_crc32(std::string& bytes, std::size_t begin, std::size_t end);

}  // namespace inferometer::sim
