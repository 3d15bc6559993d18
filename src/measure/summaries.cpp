#include "measure/summaries.hpp"

#include "base/mutex.hpp"
#include "measure/derive.hpp"
#include "measure/quantiles.hpp"
#include "measure/target_table.hpp"
#include "measure/trust.hpp"

#include <cmath>
#include <utility>

namespace inferometer::measure {
namespace {

constexpr std::size_t k_attempt_window = 1024;
constexpr std::size_t k_gap_window = 4096;

/// The last `capacity` samples, in no order. Grows only as they come.
class Window {
 public:
  explicit Window(std::size_t capacity) : m_capacity(capacity) {}

  void add(double sample) {
    if (m_samples.size() < m_capacity) {
      m_samples.push_back(sample);
      return;
    }
    m_samples[m_oldest] = sample;
    m_oldest = (m_oldest + 1) % m_capacity;
  }

  [[nodiscard]] const std::vector<double>& samples() const { return m_samples; }

 private:
  std::size_t m_capacity;
  std::size_t m_oldest = 0;
  std::vector<double> m_samples;
};

double to_nanoseconds(Duration duration) {
  return static_cast<double>(duration.count());
}

std::optional<Duration> duration_quantile(const std::vector<double>& nanoseconds, double q) {
  const auto value = quantile(nanoseconds, q);
  return value ? std::optional(Duration(std::llround(*value))) : std::nullopt;
}

struct Series {
  explicit Series(config::TargetKey key) { counts.target = std::move(key); }

  base::Mutex mutex;
  Summary counts GUARDED_BY(mutex);  // without its quantiles
  Window ttfts GUARDED_BY(mutex) = Window(k_attempt_window);
  Window gaps GUARDED_BY(mutex) = Window(k_gap_window);
  Window speeds GUARDED_BY(mutex) = Window(k_attempt_window);

  void record(const Measurement& measurement) EXCLUDES(mutex);
  Summary snapshot() EXCLUDES(mutex);
};

void Series::record(const Measurement& measurement) {
  const bool success = measurement.outcome == Outcome::success;
  LastAttempt last{.id = measurement.id,
                   .started_at = measurement.started_at,
                   .outcome = measurement.outcome,
                   .detail = measurement.detail,
                   .http_status = measurement.http_status,
                   .ttft = time_to_first_token(measurement),
                   .duration = duration(measurement),
                   .suspect = measurement.suspect};
  const Samples samples = measure::samples(measurement);

  const base::LockGuard lock(mutex);
  counts.last = std::move(last);
  counts.attempts += 1;
  counts.failures += success ? 0 : 1;
  counts.suspects += measurement.suspect ? 1 : 0;
  if (samples.ttft) {
    ttfts.add(to_nanoseconds(*samples.ttft));
  }
  for (const Duration gap : samples.inter_token_latencies) {
    gaps.add(to_nanoseconds(gap));
  }
  if (samples.output_tokens_per_second) {
    speeds.add(*samples.output_tokens_per_second);
  }
}

Summary Series::snapshot() {
  Summary summary;
  std::vector<double> recent_ttfts;
  std::vector<double> recent_gaps;
  std::vector<double> recent_speeds;
  {
    const base::LockGuard lock(mutex);
    summary = counts;
    recent_ttfts = ttfts.samples();
    recent_gaps = gaps.samples();
    recent_speeds = speeds.samples();
  }
  summary.ttft_p50 = duration_quantile(recent_ttfts, 0.5);
  summary.ttft_p95 = duration_quantile(recent_ttfts, 0.95);
  summary.ttft_p99 = duration_quantile(recent_ttfts, 0.99);
  summary.itl_p50 = duration_quantile(recent_gaps, 0.5);
  summary.output_tokens_per_second_p50 = quantile(std::move(recent_speeds), 0.5);
  return summary;
}

}  // namespace

struct Summaries::Impl {
  TargetTable<Series> table;
};

Summaries::Summaries() : m_impl(std::make_unique<Impl>()) {}
Summaries::~Summaries() = default;

void Summaries::set_targets(const std::vector<config::TargetKey>& targets) {
  m_impl->table.set_targets(targets);
}

void Summaries::record(const Measurement& measurement) {
  if (const auto series = m_impl->table.find(measurement.target)) {
    series->record(measurement);
  }
}

std::vector<Summary> Summaries::snapshot() const {
  std::vector<Summary> summaries;
  const auto all = m_impl->table.all();
  summaries.reserve(all->size());
  for (const auto& [key, series] : *all) {
    summaries.push_back(series->snapshot());
  }
  return summaries;
}

}  // namespace inferometer::measure
