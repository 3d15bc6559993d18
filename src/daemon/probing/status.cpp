#include "daemon/probing/status.hpp"

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

std::vector<web::TargetStatus> make_target_statuses(const Plans& plans,
                                                    const measure::RecentMeasurements& recent,
                                                    const metrics::Families& servers,
                                                    const base::Clock& clock) {
  const Queues queues = queues_of(servers);
  const base::MonotonicTime now = clock.now();
  const base::WallTime wall_now = clock.wall_now();
  std::vector<web::TargetStatus> statuses;
  statuses.reserve(plans.size());
  for (const auto& [key, plan] : plans) {
    web::TargetStatus& status = statuses.emplace_back();
    status.summary = plan->summary->snapshot();
    status.interval = plan->target->interval;
    status.next_run = wall_now + (plan->next_due->load() - now);
    status.held_until = plan->allowance->held_until();
    if (const auto queue = queues.find(key.provider); queue != queues.end()) {
      status.server = queue->second;
    }
    for (std::size_t i = 0; i < status.summary.history.size(); ++i) {
      status.kept[i] = recent.contains(fmt::format("{:016x}", status.summary.history[i].id));
    }
  }
  return statuses;
}

}  // namespace inferometer::daemon
