#pragma once

#include "base/clock.hpp"
#include "base/thread/mutex.hpp"
#include "config/config.hpp"
#include "measure/measurement.hpp"
#include "probe/cancellation.hpp"

#include <tl/expected.hpp>

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

namespace inferometer::daemon {

/// One attempt that is asked for besides the schedule.
struct OnDemandOrder {
  config::TargetKey target;
  /// The attempt ends within this, waiting for its request and a token included; none: its own
  /// timeouts are all that bounds it.
  std::optional<base::Duration> timeout;
  std::stop_token given_up;  ///< the caller has given the attempt up
};

/// Why there is no measurement.
struct NoMeasurement {
  enum class Cause {
    too_many,     ///< the rate limit or a hold of the model forbids it now
    unavailable,  ///< there is no such target, the daemon is ending, or it came to nothing in time
  };
  Cause cause = Cause::unavailable;
  std::string message;  ///< for people
};

using OnDemandResult = tl::expected<measure::Measurement, NoMeasurement>;

[[nodiscard]] inline OnDemandResult no_measurement(NoMeasurement::Cause cause,
                                                   std::string message) {
  return tl::make_unexpected(NoMeasurement{cause, std::move(message)});
}

/// What an attempt came to, for the one thread that waits for it. Shared with the attempt, as the
/// thread may leave first. Thread-safe.
class OnDemandAnswer {
 public:
  /// The attempt has ended; no value: it was cut.
  void set(std::optional<measure::Measurement> measurement) EXCLUDES(m_mutex);

  /// Waits until the attempt has ended, it is given up, or the order's timeout has passed since
  /// `begun`; in the latter two cases it is cancelled.
  [[nodiscard]] OnDemandResult wait(const OnDemandOrder& order, base::MonotonicTime begun)
      EXCLUDES(m_mutex);

  [[nodiscard]] const std::shared_ptr<probe::Cancellation>& cancellation() const {
    return m_cancellation;
  }

 private:
  const std::shared_ptr<probe::Cancellation> m_cancellation =
      std::make_shared<probe::Cancellation>();
  base::Mutex m_mutex;
  base::CondVar m_changed;
  bool m_ended GUARDED_BY(m_mutex) = false;
  bool m_given_up GUARDED_BY(m_mutex) = false;
  std::optional<measure::Measurement> m_measurement GUARDED_BY(m_mutex);
};

/// The target with timeouts that fit into `timeout`.
[[nodiscard]] std::shared_ptr<const config::Target> bounded(
    const std::shared_ptr<const config::Target>& target, std::optional<base::Duration> timeout);

}  // namespace inferometer::daemon
