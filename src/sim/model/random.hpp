#pragma once

#include <cstdint>

namespace inferometer::sim {

/// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): the same numbers from the same seed on every host,
/// in eight bytes of state, so that each stream can have its own. Not thread-safe.
class Random {
 public:
  explicit Random(std::uint64_t seed) : m_state(seed) {}

  /// 64 uniform bits.
  [[nodiscard]] std::uint64_t next() {
    m_state += 0x9e3779b97f4a7c15U;
    std::uint64_t z = m_state;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
  }

  /// Uniform in the open interval (0, 1), whose ends have no normal quantile.
  [[nodiscard]] double uniform() { return (static_cast<double>(next() >> 12U) + 0.5) * 0x1p-52; }

 private:
  std::uint64_t m_state;
};

}  // namespace inferometer::sim
