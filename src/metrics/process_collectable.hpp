#pragma once

#include <prometheus/collectable.h>

#include <filesystem>
#include <memory>

namespace inferometer::metrics {

/// The figures of the process, of its control groups and of its log, read anew by each Collect():
/// the kernel counts them, so no prometheus::Counter does. One that is not told is left out. `root`
/// is where the files of the control groups are found (metrics/cgroup.hpp). Thread-safe.
[[nodiscard]] std::unique_ptr<prometheus::Collectable> make_process_collectable(
    std::filesystem::path root = "/");

}  // namespace inferometer::metrics
