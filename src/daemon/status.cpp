#include "daemon/status.hpp"

#include <fmt/format.h>

#include <map>
#include <string>
#include <utility>

namespace inferometer::daemon {
namespace {

using Queues = std::map<std::string, web::ServerQueue>;

const std::string* provider_of(const metrics::Sample& sample) {
  if (sample.labels) {
    for (const metrics::Label& label : *sample.labels) {
      if (label.name == "provider") {
        return &label.value;
      }
    }
  }
  return nullptr;
}

/// The queue of each provider whose server shows metrics.
Queues queues_of(const metrics::Families& servers) {
  Queues queues;
  for (const metrics::Family& family : servers) {
    for (const metrics::Sample& sample : family.samples) {
      const std::string* const provider = provider_of(sample);
      const auto* const value = std::get_if<double>(&sample.value);
      if (provider == nullptr || value == nullptr) {
        continue;
      }
      if (family.metric->name == "llm_server_up") {
        queues[*provider].up = *value > 0;
      } else if (family.metric->name == "llm_server_requests_running") {
        queues[*provider].running = *value;
      } else if (family.metric->name == "llm_server_requests_waiting") {
        queues[*provider].waiting = *value;
      }
    }
  }
  return queues;
}

}  // namespace

std::vector<web::TargetStatus> make_target_statuses(std::vector<measure::Summary> summaries,
                                                    const config::Config& config,
                                                    const measure::Recent& recent,
                                                    const metrics::Families& servers) {
  const Queues queues = queues_of(servers);
  std::map<config::TargetKey, base::Duration> intervals;
  for (const config::Target& target : config.targets) {
    intervals.emplace(target.key(), target.interval);
  }
  std::vector<web::TargetStatus> statuses;
  statuses.reserve(summaries.size());
  for (measure::Summary& summary : summaries) {
    web::TargetStatus& status = statuses.emplace_back();
    status.summary = std::move(summary);
    const measure::Summary& own = status.summary;
    if (const auto interval = intervals.find(own.target); interval != intervals.end()) {
      status.interval = interval->second;
    }
    if (const auto queue = queues.find(own.target.provider); queue != queues.end()) {
      status.server = queue->second;
    }
    for (std::size_t i = 0; i < own.history.size(); ++i) {
      status.kept[i] = recent.contains(fmt::format("{:016x}", own.history[i].id));
    }
  }
  return statuses;
}

}  // namespace inferometer::daemon
