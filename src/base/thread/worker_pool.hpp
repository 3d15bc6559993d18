#pragma once

#include "base/thread/mutex.hpp"

#include <cstddef>
#include <deque>
#include <functional>
#include <thread>
#include <vector>

namespace inferometer::base {

/// Runs jobs on threads that it adds as they are needed, up to a bound, at a lower priority than
/// the process' others; with a bound of one, in the order in which they came. Thread-safe.
class WorkerPool {
 public:
  using Job = std::function<void()>;

  /// `name`, of at most 15 characters, is the threads' to the system. REQUIRES: max_threads > 0.
  /// Throws std::system_error if not even one thread can be had.
  WorkerPool(const char* name, std::size_t max_threads);
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  ~WorkerPool();  ///< stops

  /// Runs `job` on some thread; where all are busy it waits its turn. One that throws is logged.
  /// Never blocks; the caller bounds how many wait. After `stop` the job is dropped.
  void run(Job job) EXCLUDES(m_mutex);

  /// Drops the jobs that have not begun and waits for the others. Idempotent. REQUIRES: not called
  /// from within a job.
  void stop() EXCLUDES(m_mutex);

 private:
  void work() EXCLUDES(m_mutex);

  const char* const m_name;
  const std::size_t m_max_threads;

  Mutex m_mutex;
  CondVar m_wake;
  std::deque<Job> m_jobs GUARDED_BY(m_mutex);
  std::size_t m_idle GUARDED_BY(m_mutex) = 0;
  bool m_stopped GUARDED_BY(m_mutex) = false;
  std::vector<std::thread> m_threads GUARDED_BY(m_mutex);
};

}  // namespace inferometer::base
