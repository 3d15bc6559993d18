#include "sim/model/rate_limits.hpp"

#include <chrono>

namespace inferometer::sim {
namespace {

Limit describe(std::uint64_t limit, std::uint64_t remaining) {
  constexpr base::Duration k_window = std::chrono::minutes(1);
  const double used = static_cast<double>(limit - remaining) / static_cast<double>(limit);
  const auto reset = std::chrono::duration_cast<std::chrono::milliseconds>(k_window * used);
  return {.limit = limit, .remaining = remaining, .reset = reset};
}

void take(std::uint64_t& left, std::uint64_t amount, std::uint64_t limit) {
  left = amount > left ? limit : left - amount;
}

}  // namespace

Limits RateLimits::spend(std::uint64_t prompt_tokens) {
  take(m_requests, 1, k_requests);
  take(m_tokens, prompt_tokens, k_tokens);
  return {.requests = describe(k_requests, m_requests), .tokens = describe(k_tokens, m_tokens)};
}

Limits RateLimits::exhausted() {
  return {.requests = describe(k_requests, 0), .tokens = describe(k_tokens, 0)};
}

}  // namespace inferometer::sim
