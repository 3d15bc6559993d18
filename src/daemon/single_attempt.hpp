#pragma once

#include "measure/measurement.hpp"
#include "probe/runner.hpp"

#include <future>
#include <memory>
#include <optional>

namespace inferometer::daemon {

/// Starts one attempt now. The future gets its measurement, or none if a transport was stopped.
[[nodiscard]] std::future<std::optional<measure::Measurement>> start_single_attempt(
    probe::Runner& runner, std::shared_ptr<const config::Target> target);

}  // namespace inferometer::daemon
