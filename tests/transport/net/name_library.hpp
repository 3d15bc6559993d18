#pragma once

#include "base/thread/mutex.hpp"

#include <map>
#include <set>
#include <string>

namespace inferometer::transport::net {

/// What getaddrinfo of this test program does with names under .test: it counts, and hangs while it
/// is told to. Most have two addresses; some fail as their names say. Thread-safe.
class NameLibrary {
 public:
  void ask(const std::string& name) EXCLUDES(m_mutex) {
    const base::LockGuard lock(m_mutex);
    ++m_asked[name];
    ++m_asking;
    m_changed.notify_all();
    while (m_hanging.contains(name)) {
      m_changed.wait(m_mutex);
    }
    --m_asking;
    m_changed.notify_all();
  }

  void hang(const std::string& name) EXCLUDES(m_mutex) {
    const base::LockGuard lock(m_mutex);
    m_hanging.insert(name);
  }
  void let_go(const std::string& name) EXCLUDES(m_mutex) {
    const base::LockGuard lock(m_mutex);
    m_hanging.erase(name);
    m_changed.notify_all();
  }
  /// Returns when no lookup is under way any more.
  void let_all_go() EXCLUDES(m_mutex) {
    const base::LockGuard lock(m_mutex);
    m_hanging.clear();
    m_changed.notify_all();
    while (m_asking > 0) {
      m_changed.wait(m_mutex);
    }
    m_asked.clear();
  }

  /// How often a name was asked for.
  [[nodiscard]] int asked(const std::string& name) EXCLUDES(m_mutex) {
    const base::LockGuard lock(m_mutex);
    return m_asked[name];
  }
  void wait_until_asked(const std::string& name) EXCLUDES(m_mutex) {
    const base::LockGuard lock(m_mutex);
    while (m_asked[name] == 0) {
      m_changed.wait(m_mutex);
    }
  }

 private:
  base::Mutex m_mutex;
  base::CondVar m_changed;
  std::set<std::string> m_hanging GUARDED_BY(m_mutex);
  std::map<std::string, int> m_asked GUARDED_BY(m_mutex);
  int m_asking GUARDED_BY(m_mutex) = 0;
};

/// The only one.
[[nodiscard]] NameLibrary& name_library();

/// At the end of a test no lookup hangs, and none is counted.
struct NameLibraryCleanup {
  ~NameLibraryCleanup() { name_library().let_all_go(); }
};

}  // namespace inferometer::transport::net
