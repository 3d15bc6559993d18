#include "daemon/probing/logs.hpp"

#include "base/log.hpp"
#include "measure/derive.hpp"
#include "measure/trust.hpp"

#include <initializer_list>
#include <set>
#include <string_view>
#include <utility>

namespace inferometer::daemon {

using measure::Outcome;

namespace {

constexpr base::Duration k_suspect_interval = std::chrono::minutes(1);

using Write = void (*)(std::string_view message, std::initializer_list<base::log::Field> fields);

void write_attempt(Write write, std::string_view message, const measure::Measurement& measurement) {
  write(message, {{"provider", measurement.target.provider},
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
}

}  // namespace

void log_on_demand(const measure::Measurement& measurement) {
  write_attempt(&base::log::info,
                measurement.outcome == Outcome::success ? "probe on demand succeeded"
                                                        : "probe on demand failed",
                measurement);
}

void OutcomeLog::record(const measure::Measurement& measurement) {
  const bool changed = changes(measurement);
  const bool success = measurement.outcome == Outcome::success;
  write_attempt(!changed  ? &base::log::debug
                : success ? &base::log::info
                          : &base::log::warn,
                success ? "probe succeeded" : "probe failed", measurement);
  if (measurement.suspect) {
    log_suspect(measurement);
  }
}

void OutcomeLog::log_suspect(const measure::Measurement& measurement) {
  std::uint64_t untold = 0;
  {
    const base::LockGuard lock(m_mutex);
    const base::MonotonicTime now = measurement.timeline.ended.value_or(base::MonotonicTime());
    if (m_told_of_suspect && now < *m_told_of_suspect + k_suspect_interval) {
      ++m_suspects_untold;
      return;
    }
    m_told_of_suspect = now;
    untold = std::exchange(m_suspects_untold, 0);
  }
  const measure::MainFigure judged = measure::main_figure(measurement);
  base::log::warn("probe is suspect: this host was too slow to measure it",
                  {{"provider", m_target.provider},
                   {"model", m_target.model},
                   {"workload", m_target.workload},
                   {"outcome", to_string(measurement.outcome)},
                   {"figure", judged.name},
                   {"error_bound", judged.bound},
                   {"max_error", measurement.max_error},
                   {"suspects_before", untold},
                   {"id", measurement.id}});
}

bool OutcomeLog::changes(const measure::Measurement& measurement) {
  const base::LockGuard lock(m_mutex);
  return std::exchange(m_last, measurement.outcome) != measurement.outcome;
}

void ServerLog::record(const scrape::Scrape& scrape) {
  const bool up = scrape.figures.has_value();
  auto* const write = !changes(scrape) ? &base::log::debug
                      : up             ? &base::log::info
                                       : &base::log::warn;
  write(up ? "server metrics read" : "server metrics cannot be read",
        {{"provider", scrape.provider}, {"error", scrape.error}});
}

bool ServerLog::changes(const scrape::Scrape& scrape) {
  const bool up = scrape.figures.has_value();
  const base::LockGuard lock(m_mutex);
  const auto entry = m_up.try_emplace(scrape.provider, true).first;
  return std::exchange(entry->second, up) != up;
}

void ServerLog::keep(const std::vector<config::Provider>& providers) {
  std::set<std::string_view> names;
  for (const config::Provider& provider : providers) {
    names.insert(provider.name);
  }
  const base::LockGuard lock(m_mutex);
  std::erase_if(m_up, [&names](const auto& entry) { return !names.contains(entry.first); });
}

}  // namespace inferometer::daemon
