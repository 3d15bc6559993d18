#pragma once

#include "base/clock.hpp"

#include <cstdint>

namespace inferometer::sim {

/// How much of something an account may have, and has left.
struct Limit {
  std::uint64_t limit = 0;
  std::uint64_t remaining = 0;
  base::Duration reset = base::Duration::zero();  ///< until all of it is there again
};

struct Limits {
  Limit requests;
  Limit tokens;
};

/// What an account of a simulated provider may still ask for in the current minute. It only goes
/// down with each request, so that what a client reads does not depend on time; once used up, it is
/// whole again. Not thread-safe.
class RateLimits {
 public:
  static constexpr std::uint64_t k_requests = 10'000;
  static constexpr std::uint64_t k_tokens = 2'000'000;

  /// What is left after a request with a prompt of that many tokens.
  [[nodiscard]] Limits spend(std::uint64_t prompt_tokens);

  /// What a client is told that has asked too often.
  [[nodiscard]] static Limits exhausted();

 private:
  std::uint64_t m_requests = k_requests;
  std::uint64_t m_tokens = k_tokens;
};

}  // namespace inferometer::sim
