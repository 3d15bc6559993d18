#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace inferometer::base {

/// What shows that a file has changed, without reading it. Symbolic links are followed, as
/// Kubernetes swaps one when a Secret or a ConfigMap changes.
struct FileStamp {
  std::uint64_t inode = 0;
  std::int64_t size = -1;  ///< -1: there is none
  std::int64_t seconds = 0;
  std::int64_t nanoseconds = 0;

  bool operator==(const FileStamp&) const = default;
};

/// The stamps of the files, in their order.
[[nodiscard]] std::vector<FileStamp> take_stamps(const std::vector<std::string>& paths);

}  // namespace inferometer::base
