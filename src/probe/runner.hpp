#pragma once

#include "base/clock.hpp"
#include "config/config.hpp"
#include "measure/measurement.hpp"
#include "probe/transport/transport.hpp"

#include <functional>
#include <memory>

namespace inferometer::probe {

/// Runs attempts: prompt and protocol into a request, the stream into one Measurement. Thread-safe.
class Runner {
 public:
  struct Dependencies {
    transport::Transport& transport;
    const base::Clock& clock;
    config::Trust trust;
  };

  /// Called once for each attempt, on the transport's thread; must not block. No measurement means
  /// that the attempt was cut by our own shutdown and is not to be counted.
  using Completion = std::function<void(std::optional<measure::Measurement>)>;

  explicit Runner(Dependencies dependencies);

  /// Starts one attempt at `target`; `scheduled` is when it should have begun. A secret that cannot
  /// be read ends it as internal_error: it is our fault, not the provider's.
  void start(std::shared_ptr<const config::Target> target, base::MonotonicTime scheduled,
             Completion completion);

 private:
  Dependencies m_dependencies;
};

}  // namespace inferometer::probe
