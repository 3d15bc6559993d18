#pragma once

#include <prometheus/collectable.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>

namespace inferometer::metrics {

/// What the kernel says about this process, in base units; a figure that it does not tell has no
/// value.
struct ProcessStatus {
  std::optional<double> cpu_seconds;
  std::optional<double> open_fds;
  std::optional<double> max_fds;  ///< infinite if there is no limit
  std::optional<double> resident_bytes;
  std::optional<double> virtual_bytes;
  std::optional<double> start_time;  ///< Unix time in seconds
};

/// Reads it from /proc; takes some tens of microseconds, and needs one file descriptor.
[[nodiscard]] ProcessStatus read_process_status();

/// The fields of one /proc/<pid>/stat, in clock ticks, bytes and pages. Source: proc(5).
struct ProcStat {
  double user_ticks = 0;
  double system_ticks = 0;
  double start_ticks = 0;  ///< after boot
  double virtual_bytes = 0;
  double resident_pages = 0;
};

/// No value if the text is not such a file; the command name in it may hold anything.
[[nodiscard]] std::optional<ProcStat> parse_proc_stat(std::string_view text);

/// The figures of the process, of its control groups and of its log, read anew by each Collect():
/// the kernel counts them, so no prometheus::Counter does. One that is not told is left out. `root`
/// is where the files of the control groups are found (metrics/cgroup.hpp). Thread-safe.
[[nodiscard]] std::unique_ptr<prometheus::Collectable> make_process_collectable(
    std::filesystem::path root = "/");

}  // namespace inferometer::metrics
