#include "http/tls/handshaker.hpp"

#include <utility>

namespace inferometer::http::tls {

void Handshaker::go_on(ClientId client, std::shared_ptr<Session> session) {
  m_worker.run([this, client, session = std::move(session)]() mutable {
    Step step{.client = client, .result = session->shake_hands(), .problem = session->problem()};
    session.reset();  // before the owner is told, who may close the connection at once
    finish(std::move(step));
  });
}

std::vector<Handshaker::Step> Handshaker::take_steps() {
  std::vector<Step> steps;
  const base::LockGuard lock(m_mutex);
  steps.swap(m_steps);
  return steps;
}

void Handshaker::finish(Step step) {
  {
    const base::LockGuard lock(m_mutex);
    m_steps.push_back(std::move(step));
  }
  m_wake();
}

}  // namespace inferometer::http::tls
