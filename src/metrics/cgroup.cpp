#include "metrics/cgroup.hpp"

#include "base/ascii.hpp"
#include "config/read_file.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace inferometer::metrics {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_largest_membership = 64UL * 1024;
constexpr std::size_t k_largest_mountinfo = 1024UL * 1024;
constexpr std::size_t k_largest_stat = 16UL * 1024;

bool lists(std::string_view names, std::string_view name) {
  const auto all = base::split(names, ',');
  return std::find(all.begin(), all.end(), name) != all.end();
}

std::optional<std::uint64_t> to_number(std::string_view digits, int base = 10) {
  std::uint64_t number = 0;
  const auto* const last = digits.data() + digits.size();
  const auto [end, error] = std::from_chars(digits.data(), last, number, base);
  return error == std::errc() && end == last ? std::optional(number) : std::nullopt;
}

/// With the kernel's escapes (a backslash and three octal digits) as the bytes that they stand for.
std::string unescape(std::string_view text) {
  constexpr std::size_t k_digits = 3;
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view digits = text.substr(i + 1, k_digits);
    const auto byte = text[i] == '\\' ? to_number(digits, 8) : std::nullopt;
    if (byte && digits.size() == k_digits) {
      plain += static_cast<char>(*byte);
      i += k_digits;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

/// Where this process is in the hierarchy that distributes the CPU.
struct Membership {
  bool unified = false;  ///< it is that of version 2
  fs::path group;        ///< from the root of our cgroup namespace; above it with `..`
};

/// From /proc/self/cgroup. The CPU controller is in one hierarchy at a time: if no version 1 has
/// it, only version 2 can.
std::optional<Membership> find_membership(std::string_view text) {
  std::optional<Membership> unified;
  for (const std::string_view line : base::split(text, '\n')) {
    const auto names = line.find(':') + 1;
    const auto names_end = line.find(':', names);
    if (names_end == std::string_view::npos) {
      continue;
    }
    const fs::path group = line.substr(names_end + 1);
    if (lists(line.substr(names, names_end - names), "cpu")) {
      return Membership{.unified = false, .group = group};
    }
    if (line.substr(0, names_end) == "0:") {
      unified = Membership{.unified = true, .group = group};
    }
  }
  return unified;
}

/// One mount of a hierarchy of groups.
struct Mount {
  fs::path root;   ///< the group that its top shows, from the root of our cgroup namespace
  fs::path point;  ///< where that top is among our files
};

/// From a line of /proc/self/mountinfo; no value if it is not of the hierarchy asked for.
std::optional<Mount> parse_mount(std::string_view line, bool unified) {
  constexpr std::string_view k_after_optional_fields = " - ";
  const auto middle = line.find(k_after_optional_fields);
  if (middle == std::string_view::npos) {
    return std::nullopt;
  }
  // The type, the source and the options of the file system.
  const auto system = base::split(line.substr(middle + k_after_optional_fields.size()), ' ');
  if (system.size() < 3 || system[0] != (unified ? "cgroup2" : "cgroup") ||
      (!unified && !lists(system[2], "cpu"))) {
    return std::nullopt;
  }
  // Two identifiers, the device, the root and the mount point.
  const auto mount = base::split(line.substr(0, middle), ' ');
  if (mount.size() < 5) {
    return std::nullopt;
  }
  return Mount{.root = unescape(mount[3]), .point = unescape(mount[4])};
}

/// The path from the top of the mount to the group; no value if the mount does not show it.
std::optional<fs::path> path_below(const Mount& mount, const fs::path& group) {
  fs::path below = group.lexically_relative(mount.root);
  if (below.empty() || *below.begin() == "..") {
    return std::nullopt;
  }
  return below;
}

/// The folders of our group and of its ancestors.
struct Groups {
  fs::path top;    ///< the mount point
  fs::path below;  ///< from there to our own
};

/// Those of the mount that shows the most ancestors. One whose path fits although our group is not
/// there shows something else, so it does not count.
std::optional<Groups> find_groups(const Membership& membership, std::string_view mountinfo,
                                  const fs::path& root) {
  std::optional<Groups> groups;
  std::size_t shortest = std::string::npos;
  for (const std::string_view line : base::split(mountinfo, '\n')) {
    const auto mount = parse_mount(line, membership.unified);
    if (!mount || mount->root.native().size() >= shortest) {
      continue;
    }
    const auto below = path_below(*mount, membership.group);
    const fs::path top = root / mount->point.relative_path();
    std::error_code no_folder;
    if (below && fs::is_directory(top / *below, no_folder)) {
      groups = Groups{.top = top, .below = *below};
      shortest = mount->root.native().size();
    }
  }
  return groups;
}

/// From a cpu.stat, which has other keys only where the controller is not in use.
std::optional<CpuThrottling> parse_cpu_stat(std::string_view text) {
  std::optional<std::uint64_t> periods;
  std::optional<std::uint64_t> throttled_periods;
  std::optional<double> throttled_seconds;
  for (const std::string_view line : base::split(text, '\n')) {
    const auto words = base::split(line, ' ');
    const auto number = words.size() == 2 ? to_number(words[1]) : std::nullopt;
    if (!number) {
      continue;
    }
    if (words[0] == "nr_periods") {
      periods = number;
    } else if (words[0] == "nr_throttled") {
      throttled_periods = number;
    } else if (words[0] == "throttled_usec") {  // version 2
      throttled_seconds = static_cast<double>(*number) / 1e6;
    } else if (words[0] == "throttled_time") {  // version 1, in nanoseconds
      throttled_seconds = static_cast<double>(*number) / 1e9;
    }
  }
  if (!periods || !throttled_periods || !throttled_seconds) {
    return std::nullopt;
  }
  return CpuThrottling{.throttled_seconds = *throttled_seconds,
                       .throttled_periods = *throttled_periods,
                       .periods = *periods};
}

/// Adds the figures of one group, if it has some; false if they cannot be read.
bool add_group(const fs::path& folder, std::optional<CpuThrottling>& sum) {
  const fs::path file = folder / "cpu.stat";
  std::error_code no_file;
  if (!fs::exists(file, no_file)) {
    return true;
  }
  const auto text = config::read_file(file.string(), k_largest_stat);
  if (!text) {
    return false;
  }
  if (const auto figures = parse_cpu_stat(*text)) {
    sum = sum.value_or(CpuThrottling{});
    sum->throttled_seconds += figures->throttled_seconds;
    sum->throttled_periods += figures->throttled_periods;
    sum->periods += figures->periods;
  }
  return true;
}

/// A sum that lost a group for a moment would look like a counter's reset, and its return like
/// throttling: no value is better.
std::optional<CpuThrottling> add_up(const Groups& groups) {
  std::optional<CpuThrottling> sum;
  fs::path folder = groups.top;
  bool read = add_group(folder, sum);
  for (const fs::path& name : groups.below) {
    if (name != ".") {  // which alone says that our group is at the top
      folder /= name;
      read = read && add_group(folder, sum);
    }
  }
  return read ? sum : std::nullopt;
}

}  // namespace

std::optional<CpuThrottling> read_cpu_throttling(const fs::path& root) {
  const fs::path self = root / "proc/self";
  const auto membership_text = config::read_file((self / "cgroup").string(), k_largest_membership);
  const auto membership = membership_text ? find_membership(*membership_text) : std::nullopt;
  if (!membership) {
    return std::nullopt;
  }
  const auto mountinfo = config::read_file((self / "mountinfo").string(), k_largest_mountinfo);
  if (!mountinfo) {
    return std::nullopt;
  }
  const auto groups = find_groups(*membership, *mountinfo, root);
  return groups ? add_up(*groups) : std::nullopt;
}

}  // namespace inferometer::metrics
