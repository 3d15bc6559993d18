#pragma once

#include "base/mutex.hpp"

#include <cstddef>
#include <deque>
#include <functional>
#include <thread>
#include <vector>

namespace inferometer::http {

/// Runs jobs on threads that it adds as they are needed, up to a bound, and that give way to the
/// process' others. Thread-safe.
class WorkerPool {
 public:
  using Job = std::function<void()>;

  /// REQUIRES: max_threads > 0. Throws std::system_error if not even one thread can be had.
  explicit WorkerPool(std::size_t max_threads);
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  ~WorkerPool();

  /// Runs `job`, which must not throw, on some thread; where all are busy it waits its turn. Never
  /// blocks; the caller bounds how many wait. After `stop` the job is dropped.
  void run(Job job) EXCLUDES(m_mutex);

  /// Drops the jobs that have not begun and waits for the others. Idempotent.
  void stop() EXCLUDES(m_mutex);

 private:
  void work() EXCLUDES(m_mutex);

  const std::size_t m_max_threads;

  base::Mutex m_mutex;
  base::CondVar m_wake;
  std::deque<Job> m_jobs GUARDED_BY(m_mutex);
  std::size_t m_idle GUARDED_BY(m_mutex) = 0;
  bool m_stopped GUARDED_BY(m_mutex) = false;
  std::vector<std::thread> m_threads GUARDED_BY(m_mutex);
};

}  // namespace inferometer::http
