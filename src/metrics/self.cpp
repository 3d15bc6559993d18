#include "metrics/self.hpp"

#include "metrics/catalogue.hpp"
#include "metrics/histogram.hpp"
#include "metrics/process.hpp"

#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <optional>
#include <string>
#include <utility>

namespace inferometer::metrics {
namespace {

using Families = std::vector<prometheus::MetricFamily>;

prometheus::Family<prometheus::Gauge>& add_gauge(prometheus::Registry& registry,
                                                 const Metric& metric) {
  return prometheus::BuildGauge()
      .Name(std::string(metric.name))
      .Help(std::string(metric.help))
      .Register(registry);
}

void append(Families& families, const Metric& metric, const Histogram& histogram) {
  if (!histogram.empty()) {
    auto& sample = families.emplace_back(make_family(metric)).metric.emplace_back();
    sample.histogram = histogram.snapshot();
  }
}

void append(Families& families, const Metric& metric, std::optional<double> value) {
  if (value) {
    auto& sample = families.emplace_back(make_family(metric)).metric.emplace_back();
    (metric.type == prometheus::MetricType::Counter ? sample.counter.value : sample.gauge.value) =
        *value;
  }
}

}  // namespace

struct SelfMetrics::Impl {
  prometheus::Registry registry;
  prometheus::Family<prometheus::Gauge>& build_info =
      add_gauge(registry, metric("inferometer_build_info"));
  prometheus::Family<prometheus::Gauge>& reload_ok =
      add_gauge(registry, metric("inferometer_config_last_reload_successful"));
  prometheus::Family<prometheus::Gauge>& reload_time =
      add_gauge(registry, metric("inferometer_config_last_reload_success_timestamp_seconds"));
  Histogram lateness{metric("inferometer_schedule_lateness_seconds").edges};
  Histogram event_loop_lag{metric("inferometer_event_loop_lag_seconds").edges};
};

SelfMetrics::SelfMetrics() : m_impl(std::make_unique<Impl>()) {
  m_impl->build_info.Add({{"version", INFEROMETER_VERSION}, {"compiler", __VERSION__}}).Set(1);
  m_impl->reload_ok.Add({}).Set(0);
}

SelfMetrics::~SelfMetrics() = default;

void SelfMetrics::set_config_reload(bool ok, base::WallTime when) {
  m_impl->reload_ok.Add({}).Set(ok ? 1 : 0);
  if (ok) {
    m_impl->reload_time.Add({}).Set(base::unix_seconds(when));
  }
}

void SelfMetrics::observe_lateness(base::Duration lateness) {
  m_impl->lateness.observe(base::seconds(lateness));
}

void SelfMetrics::observe_event_loop_lag(base::Duration lag) {
  m_impl->event_loop_lag.observe(base::seconds(lag));
}

std::vector<prometheus::MetricFamily> SelfMetrics::Collect() const {
  Families families = m_impl->registry.Collect();
  append(families, metric("inferometer_schedule_lateness_seconds"), m_impl->lateness);
  append(families, metric("inferometer_event_loop_lag_seconds"), m_impl->event_loop_lag);
  const ProcessStatus process = read_process_status();
  append(families, metric("process_cpu_seconds_total"), process.cpu_seconds);
  append(families, metric("process_open_fds"), process.open_fds);
  append(families, metric("process_max_fds"), process.max_fds);
  append(families, metric("process_resident_memory_bytes"), process.resident_bytes);
  append(families, metric("process_virtual_memory_bytes"), process.virtual_bytes);
  append(families, metric("process_start_time_seconds"), process.start_time);
  return families;
}

}  // namespace inferometer::metrics
