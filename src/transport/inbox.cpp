#include "transport/inbox.hpp"

#include <algorithm>
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

void Inbox::cancel(std::uint64_t exchange) {
  {
    const LockGuard lock(m_mutex);
    m_cancelled.push_back(exchange);
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

std::optional<Inbox::Waiting> Inbox::take_waiting(std::uint64_t id) {
  const LockGuard lock(m_mutex);
  const auto found =
      std::ranges::find(m_waiting, id, [](const Waiting& waiting) { return waiting.id; });
  if (found == m_waiting.end()) {
    return std::nullopt;
  }
  std::optional<Waiting> waiting = std::move(*found);
  m_waiting.erase(found);
  return waiting;
}

std::vector<std::uint64_t> Inbox::take_cancelled() {
  const LockGuard lock(m_mutex);
  return std::exchange(m_cancelled, {});
}

std::vector<Inbox::Answer> Inbox::take_answers() {
  const LockGuard lock(m_mutex);
  return std::exchange(m_answers, {});
}

}  // namespace inferometer::transport
