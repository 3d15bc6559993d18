#include "metrics/slo_series.hpp"

#include "base/clock.hpp"
#include "config/section/slo.hpp"
#include "metrics/catalogue.hpp"

#include <utility>

namespace inferometer::metrics {
namespace {

SloSeries make_one(const slo::TargetSlo& target, const Labels& target_labels) {
  const config::Slo& slo = *target.slo;
  SloSeries series{.target = target,
                   .name = {metric("llm_probe_slo_events_total").labels.back(), slo.name},
                   .objective = slo.objective / 100,
                   .thresholds = {},
                   .speed_threshold = slo.sli.output_tokens_per_second_above};
  Labels labels = target_labels;
  labels.push_back(series.name);
  const auto shared = std::make_shared<const Labels>(std::move(labels));
  for (const config::LatencyCondition& condition : config::k_latency_conditions) {
    if (const auto& threshold = slo.sli.*condition.threshold) {
      series.thresholds.push_back(
          {.labels = shared,
           .sli = {metric("llm_probe_slo_threshold_seconds").labels.back(), condition.key},
           .seconds = base::seconds(*threshold)});
    }
  }
  return series;
}

}  // namespace

std::vector<SloSeries> make_slo_series(const slo::TargetSlos& slos, const Labels& target) {
  std::vector<SloSeries> series;
  series.reserve(slos.slos.size());
  for (const slo::TargetSlo& slo : slos.slos) {
    series.push_back(make_one(slo, target));
  }
  return series;
}

}  // namespace inferometer::metrics
