#include "selftest/cpus.hpp"

namespace inferometer::selftest {
namespace {

cpu_set_t affinity() {
  cpu_set_t set;
  CPU_ZERO(&set);
  sched_getaffinity(0, sizeof set, &set);
  return set;
}

}  // namespace

std::vector<int> allowed_cpus() {
  const cpu_set_t set = affinity();
  std::vector<int> cpus;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(static_cast<std::size_t>(cpu), &set)) {
      cpus.push_back(cpu);
    }
  }
  return cpus.empty() ? std::vector<int>{0} : cpus;
}

PinnedTo::PinnedTo(int cpu) : m_before(affinity()) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<std::size_t>(cpu), &set);
  sched_setaffinity(0, sizeof set, &set);
}

PinnedTo::~PinnedTo() {
  sched_setaffinity(0, sizeof m_before, &m_before);
}

BusyThreads::BusyThreads(const std::vector<int>& cpus) {
  m_threads.reserve(cpus.size());
  for (const int cpu : cpus) {
    const PinnedTo pinned(cpu);
    m_threads.emplace_back([](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
      }
    });
  }
}

}  // namespace inferometer::selftest
