#include "daemon/outcome_log.hpp"

#include "base/log.hpp"
#include "measure/derive.hpp"
#include "measure/trust.hpp"

#include <algorithm>
#include <utility>

namespace inferometer::daemon {

using measure::Outcome;

namespace {

constexpr base::Duration k_suspect_interval = std::chrono::minutes(1);

}  // namespace

void OutcomeLog::record(const measure::Measurement& measurement) {
  const bool changed = changes(measurement);
  const bool success = measurement.outcome == Outcome::success;
  auto* const write = !changed ? &base::log::debug : success ? &base::log::info : &base::log::warn;
  write(success ? "probe succeeded" : "probe failed",
        {{"provider", measurement.target.provider},
         {"model", measurement.target.model},
         {"workload", measurement.target.workload},
         {"outcome", to_string(measurement.outcome)},
         {"detail", measurement.detail},
         {"http_status", measurement.http_status},
         {"ttft", measure::time_to_first_token(measurement)},
         {"attempt", measurement.attempt},
         {"request_id", measurement.request_id},
         {"suspect", measurement.suspect},
         {"id", measurement.id}});
  if (measurement.suspect) {
    tell_of_suspect(measurement);
  }
}

void OutcomeLog::tell_of_suspect(const measure::Measurement& measurement) {
  std::uint64_t untold = 0;
  {
    const base::LockGuard lock(m_mutex);
    Last& last = m_last[measurement.target];
    const base::MonotonicTime now = measurement.timeline.ended.value_or(base::MonotonicTime());
    if (last.told_of_suspect && now < *last.told_of_suspect + k_suspect_interval) {
      ++last.suspects_untold;
      return;
    }
    last.told_of_suspect = now;
    untold = std::exchange(last.suspects_untold, 0);
  }
  const measure::MainFigure judged = measure::main_figure(measurement);
  base::log::warn("probe is suspect: this host was too slow to measure it",
                  {{"provider", measurement.target.provider},
                   {"model", measurement.target.model},
                   {"workload", measurement.target.workload},
                   {"outcome", to_string(measurement.outcome)},
                   {"figure", judged.name},
                   {"error_bound", judged.bound},
                   {"max_error", measurement.max_error},
                   {"suspects_before", untold},
                   {"id", measurement.id}});
}

bool OutcomeLog::changes(const measure::Measurement& measurement) {
  const base::LockGuard lock(m_mutex);
  Last& last = m_last[measurement.target];
  return std::exchange(last.outcome, measurement.outcome) != measurement.outcome;
}

void OutcomeLog::keep(const std::vector<config::TargetKey>& targets) {
  const base::LockGuard lock(m_mutex);
  std::erase_if(m_last, [&targets](const auto& entry) {
    return std::find(targets.begin(), targets.end(), entry.first) == targets.end();
  });
}

}  // namespace inferometer::daemon
