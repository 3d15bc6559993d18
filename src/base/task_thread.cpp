#include "base/task_thread.hpp"

#include "base/log.hpp"
#include "base/thread_priority.hpp"

#include <sys/prctl.h>

#include <exception>
#include <utility>

namespace inferometer::base {

TaskThread::TaskThread(const char* name) {
  const LockGuard lock(m_join_mutex);
  m_thread = std::thread([this, name] { run(name); });
}

TaskThread::~TaskThread() {
  stop();
}

void TaskThread::post(Task task) {
  const LockGuard lock(m_mutex);
  if (!m_stopped) {
    m_tasks.push_back(std::move(task));
    m_changed.notify_one();
  }
}

void TaskThread::stop() {
  {
    std::deque<Task> dropped;  // destroyed without the lock: what it holds may post
    const LockGuard lock(m_mutex);
    m_stopped = true;
    dropped.swap(m_tasks);
    m_changed.notify_all();
  }
  const LockGuard lock(m_join_mutex);
  if (m_thread.joinable()) {
    m_thread.join();
  }
}

void TaskThread::run(const char* name) {
  prctl(PR_SET_NAME, name);
  lower_thread_priority();
  while (const Task task = next()) {
    try {
      task();
    } catch (const std::exception& exception) {
      log::error("a task has failed", {{"thread", name}, {"error", exception.what()}});
    }
  }
}

/// An empty one if there will be none any more.
TaskThread::Task TaskThread::next() {
  const LockGuard lock(m_mutex);
  while (m_tasks.empty() && !m_stopped) {
    m_changed.wait(m_mutex);
  }
  if (m_stopped) {
    return nullptr;
  }
  Task task = std::move(m_tasks.front());
  m_tasks.pop_front();
  return task;
}

}  // namespace inferometer::base
