#pragma once

#include "config/config.hpp"
#include "measure/measurement.hpp"
#include "probe/runner.hpp"
#include "transport/transport.hpp"

#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The probe and the simulator in one process, over real sockets.
namespace inferometer::integration {

/// A target of this protocol at a simulator on that port, with short answers.
[[nodiscard]] config::Target make_target(std::string_view protocol, std::uint16_t port);

/// Attempts that run at the same time, on transports of their own.
class Attempts {
 public:
  Attempts();
  Attempts(const Attempts&) = delete;
  Attempts& operator=(const Attempts&) = delete;
  ~Attempts();

  void start(config::Target target);

  /// The measurements in the order of the starts. Fails the test if one was cut.
  [[nodiscard]] std::vector<measure::Measurement> wait();

 private:
  std::unique_ptr<transport::Transport> m_transport;
  std::unique_ptr<transport::Transport> m_background;
  probe::Runner m_runner;
  std::vector<std::future<std::optional<measure::Measurement>>> m_results;
};

/// One attempt, from its start to its end.
[[nodiscard]] measure::Measurement attempt(config::Target target);

}  // namespace inferometer::integration
