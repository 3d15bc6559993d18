#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

// Clang's thread-safety attributes (-Wthread-safety); nothing for other compilers.
#if defined(__clang__)
#define INFEROMETER_THREAD_ANNOTATION(x) __attribute__((x))
#else
#define INFEROMETER_THREAD_ANNOTATION(x)
#endif
#define GUARDED_BY(x) INFEROMETER_THREAD_ANNOTATION(guarded_by(x))
#define REQUIRES(...) INFEROMETER_THREAD_ANNOTATION(requires_capability(__VA_ARGS__))
#define EXCLUDES(...) INFEROMETER_THREAD_ANNOTATION(locks_excluded(__VA_ARGS__))

namespace inferometer::base {

/// std::mutex, known to clang's analysis.
class INFEROMETER_THREAD_ANNOTATION(capability("mutex")) Mutex {
 public:
  void lock() INFEROMETER_THREAD_ANNOTATION(acquire_capability()) { m_mutex.lock(); }
  void unlock() INFEROMETER_THREAD_ANNOTATION(release_capability()) { m_mutex.unlock(); }
  /// Tells the analysis that this thread holds the mutex; nothing at run time.
  void assert_held() INFEROMETER_THREAD_ANNOTATION(assert_capability(this)) {}

 private:
  std::mutex m_mutex;
};

/// Holds a Mutex for a scope.
class INFEROMETER_THREAD_ANNOTATION(scoped_lockable) LockGuard {
 public:
  explicit LockGuard(Mutex& mutex) INFEROMETER_THREAD_ANNOTATION(acquire_capability(mutex))
      : m_mutex(mutex) {
    m_mutex.lock();
  }
  LockGuard(const LockGuard&) = delete;
  LockGuard& operator=(const LockGuard&) = delete;
  ~LockGuard() INFEROMETER_THREAD_ANNOTATION(release_capability()) { m_mutex.unlock(); }

 private:
  Mutex& m_mutex;
};

/// A condition variable to wait on while a Mutex is held.
class CondVar {
 public:
  void notify_one() { m_condition.notify_one(); }
  void notify_all() { m_condition.notify_all(); }

  /// Waits for a notification; may wake without one, so callers loop on their condition.
  void wait(Mutex& mutex) REQUIRES(mutex) { m_condition.wait(mutex); }

  /// The same until `deadline` at the latest.
  template <typename Clock, typename Span>
  void wait_until(Mutex& mutex, std::chrono::time_point<Clock, Span> deadline) REQUIRES(mutex) {
    m_condition.wait_until(mutex, deadline);
  }

 private:
  std::condition_variable_any m_condition;
};

}  // namespace inferometer::base
