#pragma once

#include <sys/types.h>

#include <cstdint>

namespace inferometer::precision {

/// `sim --stamp` in a process of its own, on the last CPU; ended with this object.
class Simulator {
 public:
  /// REQUIRES: this process has no threads yet. Throws std::runtime_error if it cannot start.
  Simulator();
  Simulator(const Simulator&) = delete;
  Simulator& operator=(const Simulator&) = delete;
  ~Simulator();

  [[nodiscard]] std::uint16_t port() const { return m_port; }

 private:
  pid_t m_process = 0;
  std::uint16_t m_port = 0;
};

/// Keeps this process, and the threads it starts, on one CPU.
void pin_to_cpu(int cpu);

}  // namespace inferometer::precision
