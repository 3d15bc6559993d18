#include "transport/inbox.hpp"

#include <utility>

namespace inferometer::transport {

using base::LockGuard;

bool Inbox::put(Waiting& waiting) {
  {
    const LockGuard lock(m_mutex);
    if (m_stopping) {
      return false;
    }
    m_waiting.push_back(std::move(waiting));
  }
  m_poller.wake();
  return true;
}

void Inbox::put(Answer answer) {
  {
    const LockGuard lock(m_mutex);
    m_answers.push_back(std::move(answer));
  }
  m_poller.wake();
}

void Inbox::stop() {
  {
    const LockGuard lock(m_mutex);
    m_stopping = true;
  }
  m_poller.wake();
}

bool Inbox::stopping() const {
  const LockGuard lock(m_mutex);
  return m_stopping;
}

std::optional<Inbox::Waiting> Inbox::take_waiting() {
  const LockGuard lock(m_mutex);
  if (m_waiting.empty()) {
    return std::nullopt;
  }
  std::optional<Waiting> next = std::move(m_waiting.front());
  m_waiting.pop_front();
  return next;
}

std::vector<Inbox::Answer> Inbox::take_answers() {
  const LockGuard lock(m_mutex);
  return std::exchange(m_answers, {});
}

}  // namespace inferometer::transport
