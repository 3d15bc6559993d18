#include "metrics/process.hpp"

#include "base/log.hpp"
#include "metrics/catalogue.hpp"
#include "metrics/cgroup.hpp"
#include "metrics/prometheus_cpp.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace inferometer::metrics {
namespace {

/// The wall time of boot, from the line `btime` of /proc/stat.
std::optional<double> boot_time() {
  constexpr std::string_view k_key = "btime ";
  std::ifstream file("/proc/stat");
  std::string line;
  while (std::getline(file, line)) {
    double seconds = 0;
    if (line.starts_with(k_key) && std::istringstream(line.substr(k_key.size())) >> seconds) {
      return seconds;
    }
  }
  return std::nullopt;
}

std::optional<double> count_open_fds() {
  std::error_code error;
  std::filesystem::directory_iterator entry("/proc/self/fd", error);
  double count = -1;  // the iterator's own descriptor is among them
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    ++count;
  }
  return error ? std::nullopt : std::optional(count);
}

std::optional<double> limit_of_fds() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
    return std::nullopt;
  }
  return limit.rlim_cur == RLIM_INFINITY ? std::numeric_limits<double>::infinity()
                                         : static_cast<double>(limit.rlim_cur);
}

using MetricFamilies = std::vector<prometheus::MetricFamily>;

void append(MetricFamilies& families, const Metric& metric, std::optional<double> value) {
  if (value) {
    families.push_back(make_metric_family(metric));
    families.back().metric.push_back(make_client_metric(metric.type, *value));
  }
}

class ProcessCollectable : public prometheus::Collectable {
 public:
  explicit ProcessCollectable(std::filesystem::path root) : m_root(std::move(root)) {}

  [[nodiscard]] MetricFamilies Collect() const override {
    MetricFamilies all;
    if (const auto throttling = read_cpu_throttling(m_root)) {
      append(all, metric("inferometer_cpu_throttled_seconds_total"), throttling->throttled_seconds);
      append(all, metric("inferometer_cpu_throttled_periods_total"),
             static_cast<double>(throttling->throttled_periods));
      append(all, metric("inferometer_cpu_periods_total"),
             static_cast<double>(throttling->periods));
    }
    append(all, metric("inferometer_log_lines_dropped_total"),
           static_cast<double>(base::log::dropped_lines()));
    const ProcessStatus process = read_process_status();
    append(all, metric("process_cpu_seconds_total"), process.cpu_seconds);
    append(all, metric("process_open_fds"), process.open_fds);
    append(all, metric("process_max_fds"), process.max_fds);
    append(all, metric("process_resident_memory_bytes"), process.resident_bytes);
    append(all, metric("process_virtual_memory_bytes"), process.virtual_bytes);
    append(all, metric("process_start_time_seconds"), process.start_time);
    return all;
  }

 private:
  const std::filesystem::path m_root;
};

}  // namespace

std::optional<ProcStat> parse_proc_stat(std::string_view text) {
  // The name is in parentheses and may hold some itself: the last one ends it.
  const auto name_end = text.rfind(')');
  if (name_end == std::string_view::npos) {
    return std::nullopt;
  }
  std::istringstream rest{std::string(text.substr(name_end + 1))};
  std::string state;
  rest >> state;
  constexpr std::size_t k_first = 4;  // the number that proc(5) gives to the field after the state
  std::array<double, 21> fields{};
  for (double& field : fields) {
    rest >> field;
  }
  if (!rest) {
    return std::nullopt;
  }
  return ProcStat{.user_ticks = fields[14 - k_first],
                  .system_ticks = fields[15 - k_first],
                  .start_ticks = fields[22 - k_first],
                  .virtual_bytes = fields[23 - k_first],
                  .resident_pages = fields[24 - k_first]};
}

ProcessStatus read_process_status() {
  ProcessStatus status;
  status.open_fds = count_open_fds();
  status.max_fds = limit_of_fds();
  std::string text;
  std::getline(std::ifstream("/proc/self/stat"), text, '\0');
  const auto stat = parse_proc_stat(text);
  if (!stat) {
    return status;
  }
  const auto ticks_per_second = static_cast<double>(sysconf(_SC_CLK_TCK));
  status.cpu_seconds = (stat->user_ticks + stat->system_ticks) / ticks_per_second;
  status.resident_bytes = stat->resident_pages * static_cast<double>(sysconf(_SC_PAGESIZE));
  status.virtual_bytes = stat->virtual_bytes;
  if (const auto boot = boot_time()) {
    status.start_time = *boot + stat->start_ticks / ticks_per_second;
  }
  return status;
}

std::unique_ptr<prometheus::Collectable> make_process_collectable(std::filesystem::path root) {
  return std::make_unique<ProcessCollectable>(std::move(root));
}

}  // namespace inferometer::metrics
