#pragma once

#include "base/error.hpp"
#include "base/mutex.hpp"
#include "config/config.hpp"
#include "config/load.hpp"

#include <functional>
#include <memory>
#include <string>

namespace inferometer::config {

/// Holds the configuration in force, and replaces it by a good one only. Thread-safe.
class Reloader {
 public:
  /// Loads nothing yet. `name` is what the text comes from, as messages say it; `load` reads it.
  Reloader(std::string name, std::function<LoadResult()> load);

  /// Loads again. The result is in force from then on; if it has problems, the old one stays and
  /// the error lists them all, a line each. Calls at the same time follow each other.
  [[nodiscard]] base::Result<void> reload() EXCLUDES(m_loading, m_mutex);

  /// The configuration in force; null before the first success.
  [[nodiscard]] std::shared_ptr<const Config> current() const EXCLUDES(m_mutex);

 private:
  const std::string m_name;
  const std::function<LoadResult()> m_load;

  base::Mutex m_loading;  ///< held while loading: an older text must not replace a newer one
  mutable base::Mutex m_mutex;
  std::shared_ptr<const Config> m_current GUARDED_BY(m_mutex);
};

}  // namespace inferometer::config
