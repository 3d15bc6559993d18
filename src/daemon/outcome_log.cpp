#include "daemon/outcome_log.hpp"

#include "base/log.hpp"
#include "measure/derive.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace inferometer::daemon {

using measure::Outcome;

void OutcomeLog::record(const measure::Measurement& measurement) {
  const bool changed = changes(measurement);
  const bool success = measurement.outcome == Outcome::success;
  const auto ttft = measure::time_to_first_token(measurement);
  auto* const write = !changed ? &base::log::debug : success ? &base::log::info : &base::log::warn;
  write(success ? "probe succeeded" : "probe failed",
        {{"provider", measurement.target.provider},
         {"model", measurement.target.model},
         {"workload", measurement.target.workload},
         {"outcome", std::string(to_string(measurement.outcome))},
         {"detail", measurement.detail},
         {"http_status", std::to_string(measurement.http_status)},
         {"ttft", ttft ? fmt::format("{:.6f}", base::seconds(*ttft)) : ""},
         {"attempt", std::to_string(measurement.attempt)},
         {"request_id", measurement.request_id},
         {"suspect", measurement.suspect ? "true" : "false"},
         {"id", measurement.id}});
}

bool OutcomeLog::changes(const measure::Measurement& measurement) {
  const base::LockGuard lock(m_mutex);
  const auto entry = m_last.try_emplace(measurement.target, Outcome::success).first;
  return std::exchange(entry->second, measurement.outcome) != measurement.outcome;
}

void OutcomeLog::keep(const std::vector<config::TargetKey>& targets) {
  const base::LockGuard lock(m_mutex);
  std::erase_if(m_last, [&targets](const auto& entry) {
    return std::find(targets.begin(), targets.end(), entry.first) == targets.end();
  });
}

}  // namespace inferometer::daemon
