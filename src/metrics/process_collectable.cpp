#include "metrics/process_collectable.hpp"

#include "base/log.hpp"
#include "metrics/catalogue.hpp"
#include "metrics/cgroup.hpp"
#include "metrics/process.hpp"
#include "metrics/prometheus_cpp.hpp"

#include <optional>
#include <utility>
#include <vector>

namespace inferometer::metrics {
namespace {

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

std::unique_ptr<prometheus::Collectable> make_process_collectable(std::filesystem::path root) {
  return std::make_unique<ProcessCollectable>(std::move(root));
}

}  // namespace inferometer::metrics
