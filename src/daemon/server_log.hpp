#pragma once

#include "base/mutex.hpp"
#include "config/config.hpp"
#include "scrape/scraper.hpp"

#include <map>
#include <string>
#include <vector>

namespace inferometer::daemon {

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
