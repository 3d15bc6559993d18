#include "transport/stamp/lag_history.hpp"

#include <algorithm>

namespace inferometer::transport {
namespace {

constexpr base::Duration k_step = std::chrono::microseconds(100);

}  // namespace

void LagHistory::record(base::MonotonicTime when, base::Duration lag) {
  lag -= lag % k_step;
  if (lag <= base::Duration::zero()) {
    return;
  }
  while (!m_entries.empty() && m_entries.back().lag <= lag) {
    m_entries.pop_back();
  }
  m_entries.push_back({when, lag});
}

base::Duration LagHistory::worst_since(base::MonotonicTime since) const {
  const auto first =
      std::partition_point(m_entries.begin(), m_entries.end(),
                           [since](const Entry& entry) { return entry.when < since; });
  return first == m_entries.end() ? base::Duration::zero() : first->lag;
}

void LagHistory::forget_before(base::MonotonicTime since) {
  while (!m_entries.empty() && m_entries.front().when < since) {
    m_entries.pop_front();
  }
}

}  // namespace inferometer::transport
