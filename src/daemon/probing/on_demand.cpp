#include "daemon/probing/on_demand.hpp"

#include <algorithm>
#include <utility>

namespace inferometer::daemon {
namespace {

using base::LockGuard;
using base::MonotonicTime;
using measure::Measurement;

/// What an attempt that has run into its timeout is given to say so.
constexpr base::Duration k_grace = std::chrono::milliseconds(200);

}  // namespace

void OnDemandAnswer::set(std::optional<Measurement> measurement) {
  const LockGuard lock(m_mutex);
  m_ended = true;
  m_measurement = std::move(measurement);
  m_changed.notify_all();
}

OnDemandResult OnDemandAnswer::wait(const OnDemandOrder& order, MonotonicTime begun) {
  const std::stop_callback on_given_up(order.given_up, [this] {
    const LockGuard lock(m_mutex);
    m_given_up = true;
    m_changed.notify_all();
  });
  const MonotonicTime deadline =
      order.timeout ? begun + *order.timeout + k_grace : MonotonicTime::max();
  bool ended = false;
  {
    const LockGuard lock(m_mutex);
    while (!m_ended && !m_given_up && std::chrono::steady_clock::now() < deadline) {
      if (order.timeout) {
        m_changed.wait_until(m_mutex, deadline);
      } else {
        m_changed.wait(m_mutex);
      }
    }
    ended = m_ended;
    if (ended && m_measurement) {
      return *std::exchange(m_measurement, std::nullopt);
    }
  }
  if (ended) {
    return no_measurement(NoMeasurement::Cause::unavailable,
                          "the attempt was cut: the daemon is shutting down");
  }
  m_cancellation->cancel();
  return no_measurement(
      NoMeasurement::Cause::unavailable,
      "no request could be made within the timeout: what waits for an access token, "
      "or for a file that cannot be read, makes none");
}

std::shared_ptr<const config::Target> bounded(const std::shared_ptr<const config::Target>& target,
                                              std::optional<base::Duration> timeout) {
  if (!timeout || *timeout >= target->timeouts.total) {
    return target;
  }
  auto result = std::make_shared<config::Target>(*target);
  config::Timeouts& timeouts = result->timeouts;
  timeouts.total = *timeout;
  timeouts.connect = std::min(timeouts.connect, *timeout);
  timeouts.first_token = std::min(timeouts.first_token, *timeout);
  timeouts.stall = std::min(timeouts.stall, *timeout);
  return result;
}

}  // namespace inferometer::daemon
