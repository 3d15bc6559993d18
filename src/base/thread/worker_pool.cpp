#include "base/thread/worker_pool.hpp"

#include "base/log.hpp"
#include "base/thread/thread.hpp"

#include <sys/prctl.h>

#include <exception>
#include <system_error>
#include <utility>

namespace inferometer::base {

WorkerPool::WorkerPool(const char* name, std::size_t max_threads)
    : m_name(name), m_max_threads(max_threads) {
  const LockGuard lock(m_mutex);
  m_threads.emplace_back([this] { work(); });
}

WorkerPool::~WorkerPool() {
  stop();
}

void WorkerPool::run(Job job) {
  const LockGuard lock(m_mutex);
  if (m_stopped) {
    return;
  }
  m_jobs.push_back(std::move(job));
  if (m_jobs.size() > m_idle && m_threads.size() < m_max_threads) {
    try {
      m_threads.emplace_back([this] { work(); });
    } catch (const std::system_error& error) {
      log::warn("no further worker thread", {{"pool", m_name}, {"error", error.what()}});
    }
  }
  m_wake.notify_one();
}

void WorkerPool::stop() {
  std::vector<std::thread> threads;
  {
    std::deque<Job> dropped;  // destroyed without the lock: what it holds may run another job
    const LockGuard lock(m_mutex);
    m_stopped = true;
    dropped.swap(m_jobs);
    m_wake.notify_all();
    threads.swap(m_threads);
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
}

void WorkerPool::work() {
  prctl(PR_SET_NAME, m_name);
  lower_thread_priority();  // a job may be late, the event loops of probes must not be
  for (;;) {
    Job job;
    {
      const LockGuard lock(m_mutex);
      ++m_idle;
      while (m_jobs.empty() && !m_stopped) {
        m_wake.wait(m_mutex);
      }
      --m_idle;
      if (m_stopped) {
        return;
      }
      job = std::move(m_jobs.front());
      m_jobs.pop_front();
    }
    try {
      job();
    } catch (const std::exception& exception) {
      log::error("a job has failed", {{"pool", m_name}, {"error", exception.what()}});
    }
  }
}

}  // namespace inferometer::base
