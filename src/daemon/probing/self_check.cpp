#include "daemon/probing/self_check.hpp"

#include "base/log.hpp"
#include "selftest/selftest.hpp"

#include <sys/prctl.h>

#include <exception>
#include <utility>

namespace inferometer::daemon {

using base::MonotonicTime;

SelfCheck::SelfCheck(transport::Transport& transport, Observe observe, const Schedule& schedule)
    : m_transport(transport),
      m_observe(std::move(observe)),
      m_thread([this, schedule] { run(schedule); }) {}

SelfCheck::~SelfCheck() {
  stop();
}

void SelfCheck::stop() {
  drain();
  if (m_thread.joinable()) {
    m_thread.join();
  }
}

void SelfCheck::run(const Schedule& schedule) {
  prctl(PR_SET_NAME, "self-check");
  MonotonicTime due = std::chrono::steady_clock::now() + schedule.first;
  while (m_stop.wait_until(due)) {
    try {
      for (const base::Duration error : selftest::measure_error(m_transport)) {
        m_observe(error);
      }
    } catch (const std::exception& exception) {
      base::log::warn("could not measure the own error", {{"error", exception.what()}});
    }
    due = std::chrono::steady_clock::now() + schedule.interval;
  }
}

}  // namespace inferometer::daemon
