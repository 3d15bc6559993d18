#include "sim/model/slots.hpp"

namespace inferometer::sim {

bool Slots::acquire(Id id) {
  if (m_limit > 0 && m_running >= m_limit) {
    m_waiting.push_back(id);
    return false;
  }
  ++m_running;
  return true;
}

std::optional<Slots::Id> Slots::release() {
  if (m_waiting.empty()) {
    --m_running;
    return std::nullopt;
  }
  const Id next = m_waiting.front();
  m_waiting.pop_front();
  return next;
}

void Slots::cancel(Id id) {
  std::erase(m_waiting, id);
}

double Slots::load() const {
  if (m_limit == 0 || m_running <= 1) {
    return 1;
  }
  return 1 + m_slowdown * static_cast<double>(m_running - 1) / m_limit;
}

}  // namespace inferometer::sim
