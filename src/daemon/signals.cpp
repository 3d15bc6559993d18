#include "daemon/signals.hpp"

#include <csignal>

namespace inferometer::daemon {
namespace {

sigset_t handled() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGHUP);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

}  // namespace

Signals::Signals() {
  const sigset_t set = handled();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

std::optional<int> Signals::wait(base::Duration timeout) const {
  const sigset_t set = handled();
  const auto whole = std::chrono::duration_cast<std::chrono::seconds>(timeout);
  const timespec limit{.tv_sec = whole.count(), .tv_nsec = (timeout - whole).count()};
  const int signal = sigtimedwait(&set, nullptr, &limit);
  return signal > 0 ? std::optional(signal) : std::nullopt;
}

int Signals::wait() const {
  const sigset_t set = handled();
  int signal = 0;
  sigwait(&set, &signal);
  return signal;
}

}  // namespace inferometer::daemon
