#include "measure/summaries.hpp"

#include "measure/derive.hpp"
#include "measure/target_table.hpp"
#include "measure/trust.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

namespace inferometer::measure {
namespace {

constexpr std::size_t k_attempt_window = 1024;
constexpr std::size_t k_gap_window = 4096;

/// The last `capacity` items. Grows only as they come.
template <typename Item>
class Window {
 public:
  explicit Window(std::size_t capacity) : m_capacity(capacity) {}

  void add(const Item& item) {
    if (m_items.size() < m_capacity) {
      m_items.push_back(item);
      return;
    }
    m_items[m_oldest] = item;
    m_oldest = (m_oldest + 1) % m_capacity;
  }

  void clear() {
    m_items.clear();
    m_oldest = 0;
  }

  /// In no order.
  [[nodiscard]] const std::vector<Item>& items() const { return m_items; }

  /// The oldest first.
  [[nodiscard]] std::vector<Item> in_order() const {
    std::vector<Item> items = m_items;
    std::rotate(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(m_oldest), items.end());
    return items;
  }

 private:
  std::size_t m_capacity;
  std::size_t m_oldest = 0;
  std::vector<Item> m_items;
};

float to_nanoseconds(Duration duration) {
  return static_cast<float>(duration.count());
}

std::vector<double> to_doubles(const std::vector<float>& samples) {
  return {samples.begin(), samples.end()};
}

std::optional<Duration> duration_quantile(const std::vector<float>& nanoseconds, double q) {
  const auto value = quantile(to_doubles(nanoseconds), q);
  return value ? std::optional(Duration(std::llround(*value))) : std::nullopt;
}

std::uint64_t number_of(std::string_view id) {
  std::uint64_t number = 0;
  std::from_chars(id.data(), id.data() + id.size(), number, 16);
  return number;
}

PastAttempt past_attempt(const Measurement& measurement) {
  PastAttempt past{.id = number_of(measurement.id),
                   .started_at = measurement.started_at,
                   .outcome = measurement.outcome,
                   .suspect = measurement.suspect,
                   .figure = {}};
  if (measurement.outcome == Outcome::success) {
    past.figure = measurement.streamed ? time_to_first_token(measurement) : duration(measurement);
  }
  return past;
}

LastAttempt last_attempt(const Measurement& measurement) {
  return {.id = measurement.id,
          .started_at = measurement.started_at,
          .outcome = measurement.outcome,
          .detail = measurement.detail,
          .http_status = measurement.http_status,
          .ttft = time_to_first_token(measurement),
          .duration = duration(measurement),
          .suspect = measurement.suspect};
}

/// Samples to take quantiles of, in nanoseconds and tokens per second. Floats have seven digits,
/// and take half of what would be the most memory of all that a target needs.
struct SampleSets {
  std::vector<float> latencies;  ///< the TTFTs, or the durations where nothing streams
  std::vector<float> gaps;
  std::vector<float> speeds;
};

void copy_quantiles(const Summary& from, Summary& to) {
  to.ttft_p50 = from.ttft_p50;
  to.ttft_p95 = from.ttft_p95;
  to.ttft_p99 = from.ttft_p99;
  to.duration_p50 = from.duration_p50;
  to.duration_p95 = from.duration_p95;
  to.duration_p99 = from.duration_p99;
  to.itl_p50 = from.itl_p50;
  to.output_tokens_per_second_p50 = from.output_tokens_per_second_p50;
}

/// Fills in the quantiles. REQUIRES: `summary.streamed` is set.
void add_quantiles(const SampleSets& samples, Summary& summary) {
  copy_quantiles({}, summary);
  auto& p50 = summary.streamed ? summary.ttft_p50 : summary.duration_p50;
  auto& p95 = summary.streamed ? summary.ttft_p95 : summary.duration_p95;
  auto& p99 = summary.streamed ? summary.ttft_p99 : summary.duration_p99;
  p50 = duration_quantile(samples.latencies, 0.5);
  p95 = duration_quantile(samples.latencies, 0.95);
  p99 = duration_quantile(samples.latencies, 0.99);
  summary.itl_p50 = duration_quantile(samples.gaps, 0.5);
  summary.output_tokens_per_second_p50 = quantile(to_doubles(samples.speeds), 0.5);
}

}  // namespace

struct TargetSummary::State {
  Summary counts;  ///< its quantiles are those of the samples of `quantiles_of`; no history
  Window<PastAttempt> history = Window<PastAttempt>(k_history);
  Window<float> latencies = Window<float>(k_attempt_window);
  Window<float> gaps = Window<float>(k_gap_window);
  Window<float> speeds = Window<float>(k_attempt_window);
  std::uint64_t samples = 0;  ///< how often the windows have changed
  std::uint64_t quantiles_of = 0;

  void count(const Measurement& measurement);
  void add(const Samples& all);
};

void TargetSummary::State::count(const Measurement& measurement) {
  counts.attempts += 1;
  counts.suspects += measurement.suspect ? 1 : 0;
  if (measurement.outcome == Outcome::success) {
    counts.failing.reset();
  } else {
    counts.failures += 1;
    if (!counts.failing) {
      counts.failing = FailingRun{.since = measurement.started_at};
    }
    counts.failing->attempts += 1;
  }
  if (measurement.connection.certificate_expiry) {
    counts.certificate_expiry = measurement.connection.certificate_expiry;
  }
  if (counts.streamed != measurement.streamed) {
    counts.streamed = measurement.streamed;
    latencies.clear();  // they were of the other kind
    history.clear();
    copy_quantiles({}, counts);
    ++samples;
  }
}

void TargetSummary::State::add(const Samples& all) {
  const std::optional<Duration> latency = counts.streamed ? all.ttft : all.duration;
  if (latency) {
    latencies.add(to_nanoseconds(*latency));
  }
  for (const Duration gap : all.inter_token_latencies) {
    gaps.add(to_nanoseconds(gap));
  }
  if (all.output_tokens_per_second) {
    speeds.add(static_cast<float>(*all.output_tokens_per_second));
  }
  if (latency || !all.inter_token_latencies.empty() || all.output_tokens_per_second) {
    ++samples;
  }
}

TargetSummary::TargetSummary(config::TargetKey target) : m_state(std::make_unique<State>()) {
  m_state->counts.target = std::move(target);
}

TargetSummary::~TargetSummary() = default;

void TargetSummary::record(const Measurement& measurement) {
  std::optional<LastAttempt> last = last_attempt(measurement);
  const PastAttempt past = past_attempt(measurement);
  const Samples samples = measure::samples(measurement);

  const base::LockGuard lock(m_mutex);
  m_state->count(measurement);
  m_state->counts.last.swap(last);  // the one before is freed when the mutex no longer is held
  m_state->history.add(past);
  m_state->add(samples);
}

void TargetSummary::skip(std::string_view reason, std::uint64_t count) {
  const base::LockGuard lock(m_mutex);
  auto& skips = m_state->counts.skips;
  const auto found = std::ranges::find(skips, reason, &SkipCount::reason);
  if (found == skips.end()) {
    skips.push_back({reason, count});
  } else {
    found->count += count;
  }
}

Summary TargetSummary::snapshot() const {
  Summary summary;
  SampleSets samples;
  std::uint64_t version = 0;
  {
    const base::LockGuard lock(m_mutex);
    summary = m_state->counts;
    summary.history = m_state->history.in_order();
    version = m_state->samples;
    if (m_state->quantiles_of == version) {
      return summary;
    }
    samples = {m_state->latencies.items(), m_state->gaps.items(), m_state->speeds.items()};
  }
  add_quantiles(samples, summary);
  const base::LockGuard lock(m_mutex);
  if (m_state->quantiles_of < version) {
    m_state->quantiles_of = version;
    copy_quantiles(summary, m_state->counts);
  }
  return summary;
}

struct Summaries::Impl {
  TargetTable<TargetSummary> table;
};

Summaries::Summaries() : m_impl(std::make_unique<Impl>()) {}
Summaries::~Summaries() = default;

void Summaries::set_targets(const std::vector<config::TargetKey>& targets) {
  m_impl->table.set_targets(targets);
}

std::shared_ptr<TargetSummary> Summaries::find(const config::TargetKey& target) const {
  return m_impl->table.find(target);
}

std::vector<Summary> Summaries::snapshot() const {
  std::vector<Summary> summaries;
  const auto all = m_impl->table.all();
  summaries.reserve(all->size());
  for (const auto& [key, target] : *all) {
    summaries.push_back(target->snapshot());
  }
  return summaries;
}

}  // namespace inferometer::measure
