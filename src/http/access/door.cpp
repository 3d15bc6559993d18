#include "http/access/door.hpp"

namespace inferometer::http {

std::string_view to_string(Refusal refusal) {
  switch (refusal) {
    case Refusal::unauthorized:
      return "unauthorized";
    case Refusal::busy:
      return "busy";
    case Refusal::rate_limited:
      return "rate_limited";
    case Refusal::handshake:
      return "handshake";
  }
  return "";
}

void Door::set(Access access) {
  auto fresh = std::make_shared<const Access>(std::move(access));
  const base::LockGuard lock(m_mutex);
  m_access.swap(fresh);  // the old one, if nobody holds it, goes after the lock
}

std::shared_ptr<const Access> Door::access() const {
  const base::LockGuard lock(m_mutex);
  return m_access;
}

}  // namespace inferometer::http
