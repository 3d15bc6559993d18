#pragma once

#include "base/error.hpp"
#include "base/mutex.hpp"
#include "config/config.hpp"
#include "probe/expectation.hpp"

#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace inferometer::probe {

/// The expectations of all workloads, each compiled once: a large one takes tens of milliseconds,
/// which no attempt should wait for. Thread-safe.
class Expectations {
 public:
  /// Compiles those of these targets, and forgets all others.
  void keep(const std::vector<config::Target>& targets) EXCLUDES(m_mutex);

  /// Null where nothing is expected. Compiles what was not kept; the error is compile()'s.
  [[nodiscard]] base::Result<std::shared_ptr<const Expectation>> get(
      const config::Expectation& config) const EXCLUDES(m_mutex);

 private:
  using Key = std::pair<std::string, bool>;  ///< the members of config::Expectation

  mutable base::Mutex m_mutex;
  std::map<Key, std::shared_ptr<const Expectation>> m_compiled GUARDED_BY(m_mutex);
};

}  // namespace inferometer::probe
