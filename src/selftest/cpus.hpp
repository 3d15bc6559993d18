#pragma once

#include <sched.h>

#include <thread>
#include <vector>

namespace inferometer::selftest {

/// The CPUs on which this thread may run; never empty.
[[nodiscard]] std::vector<int> allowed_cpus();

/// Keeps this thread, and those that it starts, on one CPU until the end of the scope. Where the
/// system refuses, nothing changes.
class PinnedTo {
 public:
  explicit PinnedTo(int cpu);
  PinnedTo(const PinnedTo&) = delete;
  PinnedTo& operator=(const PinnedTo&) = delete;
  ~PinnedTo();

 private:
  cpu_set_t m_before;
};

/// Threads that do nothing but keep CPUs busy, at normal priority, until the end of the scope.
class BusyThreads {
 public:
  /// One on each CPU named; twice named, two.
  explicit BusyThreads(const std::vector<int>& cpus);

 private:
  std::vector<std::jthread> m_threads;
};

}  // namespace inferometer::selftest
