#include "daemon/single_attempt.hpp"

#include <utility>

namespace inferometer::daemon {

using measure::Measurement;

std::future<std::optional<Measurement>> start_single_attempt(
    probe::Runner& runner, std::shared_ptr<const config::Target> target) {
  auto done = std::make_shared<std::promise<std::optional<Measurement>>>();
  auto future = done->get_future();
  runner.start(
      {.target = std::move(target), .scheduled = base::system_clock().now(), .attempt = 1},
      [done](std::optional<Measurement> measurement) { done->set_value(std::move(measurement)); });
  return future;
}

}  // namespace inferometer::daemon
