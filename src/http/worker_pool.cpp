#include "http/worker_pool.hpp"

#include "base/log.hpp"
#include "base/thread_priority.hpp"

#include <system_error>
#include <utility>

namespace inferometer::http {

WorkerPool::WorkerPool(std::size_t max_threads) : m_max_threads(max_threads) {
  const base::LockGuard lock(m_mutex);
  m_threads.emplace_back([this] { work(); });
}

WorkerPool::~WorkerPool() {
  stop();
}

void WorkerPool::run(Job job) {
  const base::LockGuard lock(m_mutex);
  if (m_stopped) {
    return;
  }
  m_jobs.push_back(std::move(job));
  if (m_jobs.size() > m_idle && m_threads.size() < m_max_threads) {
    try {
      m_threads.emplace_back([this] { work(); });
    } catch (const std::system_error& error) {
      base::log::warn("no further web worker thread", {{"error", error.what()}});
    }
  }
  m_wake.notify_one();
}

void WorkerPool::stop() {
  std::vector<std::thread> threads;
  {
    const base::LockGuard lock(m_mutex);
    m_stopped = true;
    m_jobs.clear();
    m_wake.notify_all();
    threads.swap(m_threads);
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
}

void WorkerPool::work() {
  base::lower_thread_priority();  // pages are patient, the event loops of probes are not
  for (;;) {
    Job job;
    {
      const base::LockGuard lock(m_mutex);
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
    job();
  }
}

}  // namespace inferometer::http
