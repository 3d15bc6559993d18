#pragma once

#include "base/clock.hpp"

#include <optional>

namespace inferometer::daemon {

/// Signals as values: SIGHUP, SIGTERM and SIGINT are blocked in the whole process and taken one at
/// a time by the thread that waits for them, so no code ever runs in a handler. SIGPIPE is ignored.
class Signals {
 public:
  /// Blocks the signals in this thread and all that it starts. REQUIRES: no thread was started yet.
  Signals();

  /// The next signal, or none within `timeout`. Thread-safe: one of the threads that wait gets it.
  [[nodiscard]] std::optional<int> wait(base::Duration timeout) const;

  /// The next signal, however long it takes.
  [[nodiscard]] int wait() const;
};

}  // namespace inferometer::daemon
