#pragma once

#include "base/mutex.hpp"

#include <deque>
#include <functional>
#include <thread>

namespace inferometer::base {

/// Runs tasks one after the other, in the order in which they came, on a thread of its own that
/// gives way to the process' others. Thread-safe.
class TaskThread {
 public:
  using Task = std::function<void()>;

  /// `name`, of at most 15 characters, is the thread's to the system. Throws std::system_error if
  /// no thread can be had.
  explicit TaskThread(const char* name);
  TaskThread(const TaskThread&) = delete;
  TaskThread& operator=(const TaskThread&) = delete;
  ~TaskThread();  ///< stops

  /// Runs `task` as soon as those before it are done; one that throws is logged. Never blocks; the
  /// caller bounds how many wait. Once stopped, the task is destroyed at once.
  void post(Task task) EXCLUDES(m_mutex);

  /// Destroys the tasks that have not begun, and waits for the one that runs. Idempotent. REQUIRES:
  /// not called from within a task.
  void stop() EXCLUDES(m_mutex);

 private:
  void run(const char* name) EXCLUDES(m_mutex);
  [[nodiscard]] Task next() EXCLUDES(m_mutex);

  Mutex m_mutex;
  CondVar m_changed;
  std::deque<Task> m_tasks GUARDED_BY(m_mutex);
  bool m_stopped GUARDED_BY(m_mutex) = false;
  Mutex m_join_mutex;
  std::thread m_thread GUARDED_BY(m_join_mutex);
};

}  // namespace inferometer::base
