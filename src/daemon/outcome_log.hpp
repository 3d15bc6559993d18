#pragma once

#include "base/mutex.hpp"
#include "config/config.hpp"
#include "measure/measurement.hpp"

#include <cstdint>
#include <map>
#include <optional>

namespace inferometer::daemon {

/// Writes attempts to the log: each at level debug, and at warn or info those that change a
/// target's outcome, so that a provider that is down for a night leaves two lines and not
/// thousands. A suspect attempt is told of at warn as well, at most once a minute for each target.
/// Thread-safe.
class OutcomeLog {
 public:
  void record(const measure::Measurement& measurement);

  /// Forgets all targets but these.
  void keep(const std::vector<config::TargetKey>& targets);

 private:
  struct Last {
    measure::Outcome outcome = measure::Outcome::success;
    std::optional<base::MonotonicTime> told_of_suspect;
    std::uint64_t suspects_untold = 0;
  };

  /// Whether the outcome differs from the target's last one; the first is a change if it failed.
  bool changes(const measure::Measurement& measurement);
  void tell_of_suspect(const measure::Measurement& measurement);

  base::Mutex m_mutex;
  std::map<config::TargetKey, Last> m_last GUARDED_BY(m_mutex);
};

}  // namespace inferometer::daemon
