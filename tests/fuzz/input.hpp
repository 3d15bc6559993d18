#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace inferometer::fuzz {

/// The bytes of one input, taken from the front.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size)
      // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes are characters here
      : m_rest(reinterpret_cast<const char*>(data), size) {}

  /// The next byte, or 0 at the end.
  std::uint8_t byte() {
    if (m_rest.empty()) {
      return 0;
    }
    const char first = m_rest.front();
    m_rest.remove_prefix(1);
    return static_cast<std::uint8_t>(first);
  }

  [[nodiscard]] std::string_view rest() const { return m_rest; }

 private:
  std::string_view m_rest;
};

/// Ends the run as a finding.
inline void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

}  // namespace inferometer::fuzz
