#include "metrics/self.hpp"

#include "base/build_info.hpp"
#include "base/log.hpp"
#include "measure/derive.hpp"
#include "measure/trust.hpp"
#include "metrics/catalogue.hpp"
#include "metrics/cgroup.hpp"
#include "metrics/histogram.hpp"
#include "metrics/native_buckets.hpp"
#include "metrics/process.hpp"

#include <array>
#include <atomic>
#include <cmath>
#include <optional>
#include <utility>

namespace inferometer::metrics {
namespace {

std::shared_ptr<const HistogramLayout> layout_of(const Metric& metric) {
  return std::make_shared<const HistogramLayout>(
      std::vector<double>(metric.edges.begin(), metric.edges.end()), k_default_native_schema);
}

/// Builds the families that a scrape asks for.
class Collection {
 public:
  explicit Collection(const Selection& selection) : m_selection(selection) {}

  void add(const Metric& metric, std::vector<Sample> samples) {
    if (m_selection.includes(metric)) {
      m_families.push_back({.metric = &metric, .samples = std::move(samples)});
    }
  }

  void add(const Metric& metric, Sample sample) {
    add(metric, std::vector<Sample>{std::move(sample)});
  }

  void add(const Metric& metric, const Histogram& histogram) {
    if (!histogram.empty()) {
      add(metric, {.value = histogram.snapshot(m_selection), .created = histogram.created()});
    }
  }

  void add(const Metric& metric, std::optional<double> value) {
    if (value) {
      add(metric, Sample{.value = *value});
    }
  }

  [[nodiscard]] Families take() { return std::move(m_families); }

 private:
  const Selection& m_selection;
  Families m_families;
};

}  // namespace

struct SelfMetrics::Impl {
  Impl(std::filesystem::path files, base::WallTime created)
      : root(std::move(files)),
        lateness(layout_of(metric("inferometer_schedule_lateness_seconds")), created),
        event_loop_lag(layout_of(metric("inferometer_event_loop_lag_seconds")), created),
        bound(layout_of(metric("inferometer_error_bound_seconds")), created),
        error(layout_of(metric("inferometer_measurement_error_seconds")), created) {}

  [[nodiscard]] std::vector<Sample> stamp_samples() const {
    std::vector<Sample> samples;
    samples.reserve(measure::k_stamp_sources.size());
    for (const measure::StampSource source : measure::k_stamp_sources) {
      samples.push_back(
          {.labels = nullptr,
           .last_label = Label{"source", std::string(to_string(source))},
           .value = static_cast<double>(stamps[static_cast<std::size_t>(source)].load()),
           .created = bound.created()});
    }
    return samples;
  }

  const std::filesystem::path root;
  std::shared_ptr<const Labels> build =
      std::make_shared<const Labels>(Labels{{"branch", std::string(base::build_info().branch)},
                                            {"compiler", __VERSION__},
                                            {"revision", std::string(base::build_info().revision)},
                                            {"version", std::string(base::build_info().version)}});
  std::atomic<bool> reload_ok{false};
  std::atomic<double> reload_time{std::nan("")};  // until the first time
  Histogram lateness;
  Histogram event_loop_lag;
  Histogram bound;
  Histogram error;
  std::array<std::atomic<std::uint64_t>, measure::k_stamp_sources.size()> stamps{};
};

SelfMetrics::SelfMetrics(std::filesystem::path root)
    : m_impl(std::make_unique<Impl>(std::move(root), base::system_clock().wall_now())) {}
SelfMetrics::~SelfMetrics() = default;

void SelfMetrics::set_config_reload(bool ok, base::WallTime when) {
  m_impl->reload_ok = ok;
  if (ok) {
    m_impl->reload_time = base::unix_seconds(when);
  }
}

void SelfMetrics::observe(const measure::Measurement& measurement) {
  const auto source = exemplar_source(measurement);
  m_impl->lateness.observe(base::seconds(measure::lateness(measurement)), source);
  if (const auto bound = measure::error_bounds(measurement).ttft) {
    m_impl->bound.observe(base::seconds(*bound), source);
  }
  if (measurement.timeline.headers) {
    ++m_impl->stamps[static_cast<std::size_t>(measurement.connection.stamps)];
  }
}

void SelfMetrics::observe_event_loop_lag(base::Duration lag) {
  m_impl->event_loop_lag.observe(base::seconds(lag));
}

void SelfMetrics::observe_error(base::Duration error) {
  m_impl->error.observe(base::seconds(error));
}

Families SelfMetrics::collect(const Selection& selection) const {
  Collection all(selection);
  all.add(metric("inferometer_build_info"), Sample{.labels = m_impl->build, .value = 1.0});
  all.add(metric("inferometer_config_last_reload_successful"), m_impl->reload_ok ? 1.0 : 0.0);
  if (const double time = m_impl->reload_time; !std::isnan(time)) {
    all.add(metric("inferometer_config_last_reload_success_timestamp_seconds"), time);
  }
  all.add(metric("inferometer_schedule_lateness_seconds"), m_impl->lateness);
  all.add(metric("inferometer_event_loop_lag_seconds"), m_impl->event_loop_lag);
  all.add(metric("inferometer_error_bound_seconds"), m_impl->bound);
  all.add(metric("inferometer_measurement_error_seconds"), m_impl->error);
  all.add(metric("inferometer_stamps_total"), m_impl->stamp_samples());
  if (const auto throttling = read_cpu_throttling(m_impl->root)) {
    all.add(metric("inferometer_cpu_throttled_seconds_total"), throttling->throttled_seconds);
    all.add(metric("inferometer_cpu_throttled_periods_total"),
            static_cast<double>(throttling->throttled_periods));
    all.add(metric("inferometer_cpu_periods_total"), static_cast<double>(throttling->periods));
  }
  all.add(metric("inferometer_log_lines_dropped_total"),
          static_cast<double>(base::log::dropped_lines()));
  const ProcessStatus process = read_process_status();
  all.add(metric("process_cpu_seconds_total"), process.cpu_seconds);
  all.add(metric("process_open_fds"), process.open_fds);
  all.add(metric("process_max_fds"), process.max_fds);
  all.add(metric("process_resident_memory_bytes"), process.resident_bytes);
  all.add(metric("process_virtual_memory_bytes"), process.virtual_bytes);
  all.add(metric("process_start_time_seconds"), process.start_time);
  return all.take();
}

}  // namespace inferometer::metrics
