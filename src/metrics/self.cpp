#include "metrics/self.hpp"

#include "base/build_info.hpp"
#include "measure/derive.hpp"
#include "measure/trust.hpp"
#include "metrics/catalogue.hpp"
#include "metrics/histogram/histogram.hpp"
#include "metrics/histogram/native_buckets.hpp"
#include "metrics/process.hpp"
#include "metrics/prometheus_cpp.hpp"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <algorithm>
#include <array>
#include <functional>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

namespace inferometer::metrics {
namespace {

/// Adds the metric to the registry. `builder` is prometheus-cpp's, of a counter or a gauge.
template <typename Builder>
auto& add_family(prometheus::Registry& registry, Builder builder, const Metric& metric) {
  return builder.Name(std::string(metric.name)).Help(std::string(metric.help)).Register(registry);
}

prometheus::Labels build_labels() {
  const base::BuildInfo build = base::build_info();
  return {{"branch", std::string(build.branch)},
          {"compiler", __VERSION__},
          {"revision", std::string(build.revision)},
          {"version", std::string(build.version)}};
}

/// A histogram of the catalogue's that has no labels.
struct OwnHistogram {
  OwnHistogram(const Metric& of, base::WallTime created)
      : metric(of),
        histogram(
            std::make_shared<const HistogramLayout>(
                std::vector<double>(of.edges.begin(), of.edges.end()), k_default_native_schema),
            created) {}

  const Metric& metric;
  Histogram histogram;
};

void append(Families& families, const OwnHistogram& own, const Selection& selection) {
  if (selection.includes(own.metric) && !own.histogram.empty()) {
    families.push_back({.metric = &own.metric,
                        .samples = {{.labels = nullptr,
                                     .last_label = {},
                                     .value = own.histogram.snapshot(selection),
                                     .created = own.histogram.created()}}});
  }
}

}  // namespace

struct SelfMetrics::Impl {
  Impl(std::filesystem::path root, base::WallTime now)
      : created(base::unix_seconds(now)),
        process(make_process_collectable(std::move(root))),
        lateness(metric("inferometer_schedule_lateness_seconds"), now),
        event_loop_lag(metric("inferometer_event_loop_lag_seconds"), now),
        bound(metric("inferometer_error_bound_seconds"), now),
        error(metric("inferometer_measurement_error_seconds"), now) {
    add_family(registry, prometheus::BuildGauge(), metric("inferometer_build_info"))
        .Add(build_labels(), 1);
    auto& by_source =
        add_family(registry, prometheus::BuildCounter(), metric("inferometer_stamps_total"));
    for (const measure::StampSource source : measure::k_stamp_sources) {
      stamps[static_cast<std::size_t>(source)] =
          &by_source.Add({{"source", std::string(to_string(source))}});
    }
    auto& by_refusal =
        add_family(registry, prometheus::BuildCounter(), metric("inferometer_web_refused_total"));
    for (std::size_t i = 0; i < k_web_refusals.size(); ++i) {
      refusals[i] = &by_refusal.Add({{"reason", std::string(k_web_refusals[i])}});
    }
  }

  const double created;
  /// The scalars that events set. Its locks are for scrapes and reloads: what an attempt counts is
  /// an atomic behind a pointer.
  prometheus::Registry registry;
  prometheus::Gauge& reload_ok = add_family(registry, prometheus::BuildGauge(),
                                            metric("inferometer_config_last_reload_successful"))
                                     .Add({});
  prometheus::Family<prometheus::Gauge>& reload_time =  // empty until the first time
      add_family(registry, prometheus::BuildGauge(),
                 metric("inferometer_config_last_reload_success_timestamp_seconds"));
  prometheus::Gauge& shard_index =
      add_family(registry, prometheus::BuildGauge(), metric("inferometer_shard_index")).Add({});
  prometheus::Gauge& shard_count =
      add_family(registry, prometheus::BuildGauge(), metric("inferometer_shards")).Add({});
  prometheus::Gauge& shard_targets =
      add_family(registry, prometheus::BuildGauge(), metric("inferometer_shard_targets")).Add({});
  prometheus::Family<prometheus::Gauge>& config_hash =  // these, too
      add_family(registry, prometheus::BuildGauge(), metric("inferometer_config_hash"));
  prometheus::Family<prometheus::Gauge>& web_reload_ok = add_family(
      registry, prometheus::BuildGauge(), metric("inferometer_web_config_last_reload_successful"));
  prometheus::Family<prometheus::Gauge>& web_certificate_expiry =
      add_family(registry, prometheus::BuildGauge(),
                 metric("inferometer_web_certificate_expiry_timestamp_seconds"));
  std::array<prometheus::Counter*, measure::k_stamp_sources.size()> stamps{};
  std::array<prometheus::Counter*, k_web_refusals.size()> refusals{};
  const std::unique_ptr<const prometheus::Collectable> process;
  OwnHistogram lateness;
  OwnHistogram event_loop_lag;
  OwnHistogram bound;
  OwnHistogram error;
};

SelfMetrics::SelfMetrics(std::filesystem::path root)
    : m_impl(std::make_unique<Impl>(std::move(root), base::system_clock().wall_now())) {}
SelfMetrics::~SelfMetrics() = default;

void SelfMetrics::set_config_reload(bool ok, base::WallTime when) {
  m_impl->reload_ok.Set(ok ? 1 : 0);
  if (ok) {
    const double time = base::unix_seconds(when);
    m_impl->reload_time.Add({}, time).Set(time);  // so that no scrape sees a new one at 0
  }
}

void SelfMetrics::set_shard(const ShardState& state) {
  m_impl->shard_index.Set(state.index);
  m_impl->shard_count.Set(state.count);
  m_impl->shard_targets.Set(static_cast<double>(state.targets));
}

void SelfMetrics::set_config_hash(std::uint64_t hash) {
  constexpr unsigned k_surplus_bits = 64 - 53;  // a double holds whole numbers of 53 bits
  const auto value = static_cast<double>(hash >> k_surplus_bits);
  m_impl->config_hash.Add({}, value).Set(value);
}

void SelfMetrics::set_web_config(bool ok,
                                 std::optional<std::chrono::sys_seconds> certificate_expiry) {
  const double success = ok ? 1 : 0;
  m_impl->web_reload_ok.Add({}, success).Set(success);
  if (certificate_expiry) {
    const auto time = static_cast<double>(certificate_expiry->time_since_epoch().count());
    m_impl->web_certificate_expiry.Add({}, time).Set(time);
  }
}

void SelfMetrics::count_web_refusal(std::string_view reason) {
  const auto* const found = std::ranges::find(k_web_refusals, reason);
  m_impl->refusals.at(static_cast<std::size_t>(found - k_web_refusals.begin()))->Increment();
}

void SelfMetrics::observe(const measure::Measurement& measurement) {
  const auto source = exemplar_source(measurement);
  m_impl->lateness.histogram.observe(base::seconds(measure::lateness(measurement)), source);
  if (const auto bound = measure::error_bounds(measurement).ttft) {
    m_impl->bound.histogram.observe(base::seconds(*bound), source);
  }
  if (measurement.timeline.headers) {
    m_impl->stamps[static_cast<std::size_t>(measurement.connection.stamps)]->Increment();
  }
}

void SelfMetrics::observe_event_loop_lag(base::Duration lag) {
  m_impl->event_loop_lag.histogram.observe(base::seconds(lag));
}

void SelfMetrics::observe_error(base::Duration error) {
  m_impl->error.histogram.observe(base::seconds(error));
}

Families SelfMetrics::collect(const Selection& selection) const {
  Families families = read_families(m_impl->registry, selection, m_impl->created);
  std::ranges::move(read_families(*m_impl->process, selection), std::back_inserter(families));
  for (const OwnHistogram* const own :
       {&m_impl->lateness, &m_impl->event_loop_lag, &m_impl->bound, &m_impl->error}) {
    append(families, *own, selection);
  }
  // A registry has its own order. The metrics are elements of the catalogue: so are their
  // addresses.
  std::ranges::sort(families, std::less<>(), &Family::metric);
  return families;
}

}  // namespace inferometer::metrics
