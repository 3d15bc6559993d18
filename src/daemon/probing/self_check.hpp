#pragma once

#include "base/clock.hpp"
#include "base/thread/thread.hpp"
#include "transport/transport.hpp"

#include <functional>
#include <thread>

namespace inferometer::daemon {

/// Measures now and then, on a thread of its own, by how much our stamps are off: one short stream
/// from a server on loopback that exists just for it, through the transport of the probes. So it
/// meets what the probes meet, at the cost of ten events each time.
class SelfCheck {
 public:
  struct Schedule {
    base::Duration first = std::chrono::seconds(5);  ///< after the start
    base::Duration interval = std::chrono::minutes(5);
  };
  /// Receives our stamp of an event less its true send time, on the check's thread.
  using Observe = std::function<void(base::Duration)>;

  /// `transport` outlives it.
  SelfCheck(transport::Transport& transport, Observe observe, const Schedule& schedule);
  SelfCheck(const SelfCheck&) = delete;
  SelfCheck& operator=(const SelfCheck&) = delete;
  ~SelfCheck();  ///< stops

  /// Begins no more; one that runs goes on. Thread-safe.
  void drain() { m_stop.stop(); }
  /// The same, and waits for the one that runs, which ends at once where the transport was stopped.
  /// Idempotent; not to be called by two threads at once.
  void stop();

 private:
  void run(const Schedule& schedule);

  transport::Transport& m_transport;
  const Observe m_observe;
  base::StopSignal m_stop;
  std::thread m_thread;
};

}  // namespace inferometer::daemon
