#include "precision/child.hpp"

#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <exception>
#include <stdexcept>

namespace inferometer::precision {
namespace {

void pin_to_cpu(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<std::size_t>(cpu), &set);
  sched_setaffinity(0, sizeof set, &set);
}

[[noreturn]] void run(int cpu, const std::function<void(int)>& work, int result) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  pin_to_cpu(cpu);
  try {
    work(result);
    _exit(0);
  } catch (const std::exception& exception) {
    std::fprintf(stderr, "%s\n", exception.what());
    _exit(1);
  }
}

}  // namespace

Child::Child(int cpu, const std::function<void(int result)>& work) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) {
    throw std::runtime_error("pipe failed");
  }
  m_result = base::Descriptor(ends[0]);
  const base::Descriptor writing(ends[1]);
  m_process = fork();
  if (m_process < 0) {
    throw std::runtime_error("fork failed");
  }
  if (m_process == 0) {
    m_result.close();
    run(cpu, work, writing.get());
  }
}

Child::~Child() {
  kill(m_process, SIGKILL);
  waitpid(m_process, nullptr, 0);
}

bool Child::is_done() const {
  pollfd waiting{.fd = m_result.get(), .events = POLLIN, .revents = 0};
  return poll(&waiting, 1, 0) > 0;
}

void Child::read_all(std::span<std::byte> bytes) const {
  while (!bytes.empty()) {
    const ssize_t count = read(m_result.get(), bytes.data(), bytes.size());
    if (count <= 0) {
      throw std::runtime_error("a process of the benchmark ended without a result");
    }
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

void write_all(int descriptor, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = write(descriptor, bytes.data(), bytes.size());
    if (count <= 0) {
      throw std::runtime_error("cannot hand a result back");
    }
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

}  // namespace inferometer::precision
