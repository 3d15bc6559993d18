#pragma once

#include "base/thread/mutex.hpp"
#include "base/thread/worker_pool.hpp"
#include "http/tls/session.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace inferometer::http::tls {

/// Goes on with handshakes on one thread of its own, at a lower priority than the probes': their
/// computing delays neither those nor the connections that are open. Belongs to one thread, except
/// where it says otherwise.
class Handshaker {
 public:
  using ClientId = std::uint64_t;

  struct Step {
    ClientId client = 0;
    Session::Handshake result = Session::Handshake::going_on;
    std::string problem;  ///< why it failed
  };

  /// `wake` is called on the other thread when there is something to take. Throws
  /// std::system_error if no thread can be had.
  explicit Handshaker(std::function<void()> wake) : m_wake(std::move(wake)) {}
  Handshaker(const Handshaker&) = delete;
  Handshaker& operator=(const Handshaker&) = delete;
  ~Handshaker() { stop(); }

  /// Goes on with a handshake. Nobody else uses the session until its step was taken, or the
  /// handshaker has stopped.
  void go_on(ClientId client, std::shared_ptr<Session> session);

  [[nodiscard]] std::vector<Step> take_steps() EXCLUDES(m_mutex);

  /// Waits for the step that has begun, and drops the others. Idempotent.
  void stop() { m_worker.stop(); }

 private:
  void finish(Step step) EXCLUDES(m_mutex);

  const std::function<void()> m_wake;
  base::Mutex m_mutex;
  std::vector<Step> m_steps GUARDED_BY(m_mutex);
  base::WorkerPool m_worker{"web-handshake", 1};  // last, as its thread uses the above
};

}  // namespace inferometer::http::tls
