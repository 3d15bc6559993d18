#pragma once

#include "base/thread/mutex.hpp"
#include "config/config.hpp"

#include <map>
#include <memory>
#include <vector>

namespace inferometer::measure {

/// One `Series` for each configured target, shared between the threads that record and those that
/// read. Thread-safe: the mutex is held only to copy or swap one pointer. What a Series is made of
/// must be thread-safe itself; it stays valid as long as a pointer to it is held, also after its
/// target has gone.
template <typename Series>
class TargetTable {
 public:
  using Map = std::map<config::TargetKey, std::shared_ptr<Series>>;

  /// The targets from now on: kept ones keep their series, new ones get `Series(key)`.
  /// One thread at a time.
  void set_targets(const std::vector<config::TargetKey>& targets) EXCLUDES(m_mutex) {
    const std::shared_ptr<const Map> before = all();
    auto after = std::make_shared<Map>();
    for (const config::TargetKey& key : targets) {
      const auto found = before->find(key);
      after->emplace(key, found != before->end() ? found->second : std::make_shared<Series>(key));
    }
    replace(std::move(after));
  }

  /// The same with series that the caller has made; `series` is not null.
  void replace(std::shared_ptr<const Map> series) EXCLUDES(m_mutex) {
    const base::LockGuard lock(m_mutex);
    m_series.swap(series);  // what goes away does so when the lock is released
  }

  /// The target's series, or null.
  [[nodiscard]] std::shared_ptr<Series> find(const config::TargetKey& key) const EXCLUDES(m_mutex) {
    const std::shared_ptr<const Map> series = all();
    const auto found = series->find(key);
    return found != series->end() ? found->second : nullptr;
  }

  /// All of them, sorted by key, as they are at this moment; never null.
  [[nodiscard]] std::shared_ptr<const Map> all() const EXCLUDES(m_mutex) {
    const base::LockGuard lock(m_mutex);
    return m_series;
  }

 private:
  mutable base::Mutex m_mutex;
  std::shared_ptr<const Map> m_series GUARDED_BY(m_mutex) = std::make_shared<Map>();
};

}  // namespace inferometer::measure
