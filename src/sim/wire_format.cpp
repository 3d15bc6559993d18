#include "sim/wire_format.hpp"

#include "sim/openai_chat.hpp"

#include <array>

namespace inferometer::sim {

void Frames::clear() {
  bytes.clear();
  stamps.clear();
}

void Frames::stamp(std::uint64_t nanoseconds) {
  for (const std::size_t place : stamps) {
    std::uint64_t rest = nanoseconds;
    for (std::size_t digit = k_stamp_width; digit > 0; --digit) {
      bytes[place + digit - 1] = static_cast<char>('0' + rest % 10);
      rest /= 10;
    }
  }
}

std::span<const WireFormat> wire_formats() {
  static const std::array k_formats{openai_chat()};
  return k_formats;
}

}  // namespace inferometer::sim
