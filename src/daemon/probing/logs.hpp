#pragma once

#include "base/thread/mutex.hpp"
#include "config/config.hpp"
#include "measure/measurement.hpp"
#include "scrape/scraper.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace inferometer::daemon {

/// Writes an attempt that was asked for besides the schedule to the log, at level info.
void log_on_demand(const measure::Measurement& measurement);

/// Writes the attempts at one target to the log: each at level debug, and at warn or info those
/// that change the target's outcome, so that a provider that is down for a night leaves two lines
/// and not thousands. A suspect attempt is told of at warn as well, at most once a minute.
/// Thread-safe.
class OutcomeLog {
 public:
  explicit OutcomeLog(config::TargetKey target) : m_target(std::move(target)) {}

  void record(const measure::Measurement& measurement) EXCLUDES(m_mutex);

 private:
  /// Whether the outcome differs from the last one; the first is a change if it failed.
  bool changes(const measure::Measurement& measurement) EXCLUDES(m_mutex);
  void log_suspect(const measure::Measurement& measurement) EXCLUDES(m_mutex);

  const config::TargetKey m_target;
  base::Mutex m_mutex;
  measure::Outcome m_last GUARDED_BY(m_mutex) = measure::Outcome::success;
  std::optional<base::MonotonicTime> m_told_of_suspect GUARDED_BY(m_mutex);
  std::uint64_t m_suspects_untold GUARDED_BY(m_mutex) = 0;
};

/// Logs when a server's own metrics can no longer be read, and when they can again; what goes on as
/// before is debug. Thread-safe.
class ServerLog {
 public:
  void record(const scrape::Scrape& scrape) EXCLUDES(m_mutex);

  /// Forgets all other providers.
  void keep(const std::vector<config::Provider>& providers) EXCLUDES(m_mutex);

 private:
  bool changes(const scrape::Scrape& scrape) EXCLUDES(m_mutex);

  base::Mutex m_mutex;
  std::map<std::string, bool> m_up GUARDED_BY(m_mutex);
};

}  // namespace inferometer::daemon
