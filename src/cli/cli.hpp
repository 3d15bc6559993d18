#pragma once

namespace inferometer::cli {

/// The whole program. Returns its exit status: 0 good, 1 a run-time failure or a failed probe, 2
/// bad usage or configuration.
[[nodiscard]] int run(int argc, const char* const* argv);

}  // namespace inferometer::cli
