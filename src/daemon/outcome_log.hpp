#pragma once

#include "base/mutex.hpp"
#include "config/config.hpp"
#include "measure/measurement.hpp"

#include <map>

namespace inferometer::daemon {

/// Writes attempts to the log: each at level debug, and at warn or info those that change a
/// target's outcome, so that a provider that is down for a night leaves two lines and not
/// thousands. Thread-safe.
class OutcomeLog {
 public:
  void record(const measure::Measurement& measurement);

  /// Forgets all targets but these.
  void keep(const std::vector<config::TargetKey>& targets);

 private:
  /// Whether the outcome differs from the target's last one; the first is a change if it failed.
  bool changes(const measure::Measurement& measurement);

  base::Mutex m_mutex;
  std::map<config::TargetKey, measure::Outcome> m_last GUARDED_BY(m_mutex);
};

}  // namespace inferometer::daemon
