#include "precision/simulator.hpp"

#include "sim/server.hpp"

#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <stdexcept>
#include <thread>

namespace inferometer::precision {
namespace {

[[noreturn]] void simulate(int port_pipe) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  pin_to_cpu(static_cast<int>(std::thread::hardware_concurrency()) - 1);
  sim::Options options;
  options.behaviour.stamp = true;
  auto server = sim::Server::start(options);
  const std::uint16_t port = server ? server->port() : std::uint16_t{0};
  if (write(port_pipe, &port, sizeof port) != sizeof port || port == 0) {
    _exit(1);
  }
  while (true) {
    pause();
  }
}

}  // namespace

void pin_to_cpu(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<unsigned>(cpu), &set);
  sched_setaffinity(0, sizeof set, &set);
}

Simulator::Simulator() {
  std::array<int, 2> pipe_ends{};
  if (pipe(pipe_ends.data()) != 0) {
    throw std::runtime_error("pipe failed");
  }
  m_process = fork();
  if (m_process == 0) {
    simulate(pipe_ends[1]);
  }
  close(pipe_ends[1]);
  const bool told = read(pipe_ends[0], &m_port, sizeof m_port) == sizeof m_port;
  close(pipe_ends[0]);
  if (!told || m_port == 0) {
    throw std::runtime_error("the simulator did not start");
  }
}

Simulator::~Simulator() {
  kill(m_process, SIGKILL);
  waitpid(m_process, nullptr, 0);
}

}  // namespace inferometer::precision
