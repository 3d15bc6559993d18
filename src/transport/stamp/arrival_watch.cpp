#include "transport/stamp/arrival_watch.hpp"

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

void ArrivalWatch::begin(MonotonicTime now, std::uint32_t out_of_order) {
  *this = {};
  m_drained = m_looked = now;
  m_out_of_order = out_of_order;
}

/// TCP hands over in order: segments behind one that was lost wait, with the stamps of their
/// coming, until that was sent again. A stamp from before a moment when nothing could be read is of
/// such a segment, if there are any at all; one from after it may be if more of them have come.
bool ArrivalWatch::has_waited_for_gap(const Read& read) {
  if (!read.stamp || read.out_of_order.value_or(0) == 0) {
    return false;
  }
  const bool more = *read.out_of_order != m_out_of_order;
  m_out_of_order = *read.out_of_order;
  return more || *read.stamp < m_looked;
}

measure::Arrival ArrivalWatch::note(const Read& read) {
  m_waited = has_waited_for_gap(read) || (m_waited && !m_all_read);
  m_since = m_since.value_or(std::max(m_drained, m_waited ? read.woken : read.earliest));
  m_backlog += read.bytes;
  const Duration held = read.before < m_held_until ? m_held_for : Duration::zero();
  const bool may_be_held = held > Duration::zero() || m_backlog > k_longest_backlog;
  const bool is_stamped = read.stamp && !m_waited;
  // Without the kernel's stamp, what could be read without waiting is one arrival.
  const bool is_new = m_all_read || m_waited;
  const MonotonicTime at = is_stamped ? *read.stamp : is_new ? read.after : m_last;
  measure::Arrival arrival;
  arrival.at = std::clamp(at, std::min(m_last, read.after), read.after);
  arrival.first_slack = std::max({arrival.at - *m_since, held, arrival.at - at});
  const bool is_exact = is_stamped && !may_be_held && arrival.at == at;
  arrival.last_slack = is_exact ? Duration::zero() : arrival.first_slack;
  m_last = arrival.at;
  m_all_read = read.emptied;
  if (read.emptied) {
    m_looked = read.after;
    end_backlog(read.before, read.after);
  }
  return arrival;
}

void ArrivalWatch::note_empty(MonotonicTime now) {
  m_looked = now;
  m_all_read = true;
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
