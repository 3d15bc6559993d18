#include "transport/arrival_watch.hpp"

#include <algorithm>

namespace inferometer::transport {
namespace {

using base::Duration;
using base::MonotonicTime;

/// Half of the least window that Linux opens. Where more has waited for us, the window may have
/// been shut and the sender held back: what the kernel stamped after that came late through us.
constexpr std::size_t k_longest_backlog = 32UL * 1024;

/// For so long after such a backlog the sender may still be sending what it had to keep. A pause
/// delays nothing behind it by more than its own length, so little is lost where it was short.
constexpr Duration k_recovery = std::chrono::seconds(1);

}  // namespace

void ArrivalWatch::begin(MonotonicTime now) {
  *this = {};
  m_drained = now;
}

measure::Arrival ArrivalWatch::note(const Read& read) {
  m_since = m_since.value_or(std::max(m_drained, read.earliest));
  m_backlog += read.bytes;
  const Duration held = read.before < m_held_until ? m_held_for : Duration::zero();
  const bool may_be_held = held > Duration::zero() || m_backlog > k_longest_backlog;
  const bool is_stamped = read.stamp && !read.waited_for_gap;
  // Without the kernel's stamp, what could be read without waiting is one arrival.
  const bool is_new = m_all_read || read.waited_for_gap;
  const MonotonicTime at = is_stamped ? *read.stamp : is_new ? read.after : m_last;
  measure::Arrival arrival;
  arrival.at = std::clamp(at, std::min(m_last, read.after), read.after);
  arrival.first_slack = std::max(arrival.at - *m_since, held);
  arrival.last_slack = is_stamped && !may_be_held ? Duration::zero() : arrival.first_slack;
  m_last = arrival.at;
  m_all_read = read.emptied;
  if (read.emptied) {
    end_backlog(read.before, read.after);
  }
  return arrival;
}

void ArrivalWatch::note_empty(MonotonicTime now) {
  end_backlog(now, now);
}

void ArrivalWatch::end_backlog(MonotonicTime drained, MonotonicTime now) {
  if (m_backlog > k_longest_backlog) {
    const Duration held = now < m_held_until ? m_held_for : Duration::zero();
    m_held_for = std::max(held, now - *m_since);
    m_held_until = now + k_recovery;
  }
  m_since.reset();
  m_backlog = 0;
  m_drained = drained;
}

}  // namespace inferometer::transport
