#pragma once

namespace inferometer::cli {

/// What the process tells its caller.
inline constexpr int k_exit_ok = 0;
inline constexpr int k_exit_failure = 1;  ///< a run-time failure, or a probe that did not succeed
inline constexpr int k_exit_usage = 2;    ///< bad usage or configuration

}  // namespace inferometer::cli
