#pragma once

#include "fakes/temporary_folder.hpp"
#include "metrics/cgroup.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace inferometer::metrics {

/// What else is mounted.
inline constexpr const char* k_other_mounts =
    "22 27 0:21 / /proc rw,nosuid shared:12 - proc proc rw\n"
    "31 23 0:28 / /sys/fs/cgroup ro,nosuid shared:9 - tmpfs tmpfs ro,mode=755\n"
    "33 31 0:30 / /sys/fs/cgroup/cpuset rw shared:15 - cgroup cgroup rw,cpuset\n"
    "34 31 0:31 / /sys/fs/cgroup/cpuacct rw shared:16 - cgroup cgroup rw,cpuacct\n"
    "35 31 0:32 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd\n";

/// A root folder with the files that the kernel would show of control groups.
class Machine {
 public:
  Machine(std::string_view membership, std::string_view mountinfo) {
    write("proc/self/cgroup", membership);
    write("proc/self/mountinfo", k_other_mounts + std::string(mountinfo));
  }

  void write(std::string_view name, std::string_view content) const {
    make_folder(std::filesystem::path(name).parent_path().string());
    m_root.write(name, content);
  }
  void make_folder(std::string_view name) const {
    std::filesystem::create_directories(m_root.path(name));
  }

  /// A group of version 2.
  void write_v2(const std::string& group, int periods, int throttled, int microseconds) const {
    write(group + "/cpu.stat", "usage_usec 900\nuser_usec 800\nsystem_usec 100\nnr_periods " +
                                   std::to_string(periods) + "\nnr_throttled " +
                                   std::to_string(throttled) + "\nthrottled_usec " +
                                   std::to_string(microseconds) + "\nnr_bursts 7\nburst_usec 70\n");
  }
  /// A group of version 1.
  void write_v1(const std::string& group, int periods, int throttled, int nanoseconds) const {
    write(group + "/cpu.stat", "nr_periods " + std::to_string(periods) + "\nnr_throttled " +
                                   std::to_string(throttled) + "\nthrottled_time " +
                                   std::to_string(nanoseconds) + "\nnr_bursts 7\nburst_time 70\n");
  }

  [[nodiscard]] std::string path(std::string_view name = "") const { return m_root.path(name); }
  [[nodiscard]] std::optional<CpuThrottling> read() const { return read_cpu_throttling(path()); }

 private:
  fakes::TemporaryFolder m_root;
};

/// The mount of version 2.
inline constexpr const char* k_unified =
    "36 23 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";

}  // namespace inferometer::metrics
