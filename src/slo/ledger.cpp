#include "slo/ledger.hpp"

#include "config/section/slo.hpp"
#include "slo/verdict.hpp"

#include <algorithm>
#include <utility>

namespace inferometer::slo {
namespace {

/// The events that `before` has of the SLO; null if none.
std::shared_ptr<Events> events_of(const TargetSlos& before, const std::string& slo) {
  const auto found = std::find_if(before.slos.begin(), before.slos.end(),
                                  [&](const TargetSlo& entry) { return entry.slo->name == slo; });
  return found != before.slos.end() ? found->events : nullptr;
}

}  // namespace

void TargetSlos::record(const measure::Measurement& measurement) const {
  if (slos.empty()) {
    return;
  }
  const measure::Samples samples = measure::samples(measurement);
  for (const TargetSlo& entry : slos) {
    switch (judge(entry.slo->sli, measurement, samples)) {
      case Verdict::good:
        ++entry.events->good;
        break;
      case Verdict::bad:
        ++entry.events->bad;
        break;
      case Verdict::not_judged:
        ++entry.events->not_judged;
        break;
    }
  }
}

Ledger::Ledger(const base::Clock& clock) : m_clock(clock) {}

void Ledger::apply(const std::shared_ptr<const config::Config>& config) {
  using Map = measure::TargetTable<const TargetSlos>::Map;
  const std::shared_ptr<const Map> before = m_table.all();
  const base::WallTime now = m_clock.wall_now();
  auto after = std::make_shared<Map>();
  for (const config::Target& target : config->targets) {
    const config::TargetKey key = target.key();
    const auto kept = before->find(key);
    auto slos = std::make_shared<TargetSlos>();
    for (const config::Slo& slo : config->slos) {
      if (!config::applies(slo, target)) {
        continue;
      }
      std::shared_ptr<Events> events =
          kept != before->end() ? events_of(*kept->second, slo.name) : nullptr;
      slos->slos.push_back({.slo = {config, &slo},
                            .events = events ? std::move(events) : std::make_shared<Events>(now)});
    }
    after->emplace(key, std::move(slos));
  }
  m_table.replace(std::move(after));
}

}  // namespace inferometer::slo
