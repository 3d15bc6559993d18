#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace inferometer::metrics {

/// What CPU quotas of the control groups did to this process: the sums of its own group and of each
/// ancestor that it can see, since a quota there stops us as well (Kubernetes puts one on the pod).
/// A container often sees its own group alone, so zeros do not prove that nothing stopped it. Other
/// processes of these groups count too.
struct CpuThrottling {
  double throttled_seconds = 0;         ///< of all CPUs and groups, so it can outrun the clock
  std::uint64_t throttled_periods = 0;  ///< those in which a group had used up its quota
  std::uint64_t periods = 0;            ///< that elapsed while a group with a quota was active
};

/// Reads it from /proc and the file systems of control groups, version 1 or 2, that are mounted
/// below `root`. No value if no mount shows our group or none of the groups has these figures, and
/// none rather than a part of the sum if one cannot be read. Takes some tens of microseconds, half
/// a millisecond where there are a thousand mounts, and one file descriptor; thread-safe. Sources:
/// proc(5), cgroups(7), cgroup_namespaces(7), Documentation/admin-guide/cgroup-v2.rst and
/// Documentation/scheduler/sched-bwc.rst of Linux.
[[nodiscard]] std::optional<CpuThrottling> read_cpu_throttling(
    const std::filesystem::path& root = "/");

}  // namespace inferometer::metrics
