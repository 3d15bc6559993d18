#pragma once

#include "fakes/fake_clock.hpp"
#include "measure/make_measurement.hpp"
#include "metrics/families.hpp"
#include "metrics/recorder.hpp"

#include <algorithm>
#include <chrono>
#include <initializer_list>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

/// What the tests of the recorder start from.
namespace inferometer::metrics {

inline const config::TargetKey k_target = measure::make_success().target;
inline const config::TargetKey k_other{"anthropic", "claude", "chat-long"};

/// Those without thresholds.
inline std::vector<SeriesPlan> plans(std::initializer_list<config::TargetKey> keys) {
  std::vector<SeriesPlan> result;
  for (const config::TargetKey& key : keys) {
    result.push_back(
        {.key = key, .labels = {}, .thresholds = {}, .allowance = nullptr, .slos = nullptr});
  }
  return result;
}

/// Records into the series that a recorder has for the target; where it has none, nowhere.
inline void begin(const Recorder& recorder, const config::TargetKey& target) {
  if (const auto series = recorder.find(target)) {
    series->begin();
  }
}
inline void record(const Recorder& recorder, const measure::Measurement& measurement) {
  if (const auto series = recorder.find(measurement.target)) {
    series->record(measurement);
  }
}
inline void abandon(const Recorder& recorder, const config::TargetKey& target) {
  if (const auto series = recorder.find(target)) {
    series->abandon();
  }
}

/// An allowance that holds its model.
inline std::shared_ptr<schedule::Allowance> make_held() {
  const auto allowance = std::make_shared<schedule::Allowance>(
      std::make_shared<schedule::RateLimit>(std::nullopt), std::chrono::minutes(5));
  allowance->hold(std::chrono::minutes(1), fakes::FakeClock());
  return allowance;
}

/// An SLO of several conditions, without events.
inline std::shared_ptr<slo::TargetSlos> make_slos() {
  using namespace std::chrono_literals;
  auto slos = std::make_shared<slo::TargetSlos>();
  slos->slos.push_back({.slo = std::make_shared<const config::Slo>(config::Slo{
                            .name = "chat",
                            .objective = 95,
                            .sli = {.ttft_below = 1s, .output_tokens_per_second_above = 10},
                            .match = {}}),
                        .events = std::make_shared<slo::Events>(fakes::FakeClock().wall_now())});
  return slos;
}

/// A recorder of the one target that make_success() names.
struct OneTarget {
  OneTarget() { recorder.set_targets(plans({k_target})); }
  Recorder recorder;
};

/// A success that has a sample for everything.
inline measure::Measurement make_full() {
  using namespace std::chrono_literals;
  measure::Measurement full = measure::make_success();
  full.timeline.first_reasoning = *full.timeline.request_begin + 50ms;
  full.connection.certificate_expiry = std::chrono::sys_seconds(1'800'000'000s);
  full.timeline.acknowledged = *full.timeline.request_sent + 20ms;
  full.connection.tcp =
      measure::TcpStats{.rtt = 25ms, .min_rtt = 20ms, .retransmissions = 0, .out_of_order = 2};
  full.usage->output = 31;
  full.usage->reasoning = 20;
  full.rate_limits = {{measure::RateLimitResource::requests, 60, 59, {}},
                      {measure::RateLimitResource::tokens, 1000, 900, {}}};
  return full;
}

/// A failure with a stall, that no provider reported tokens for.
inline measure::Measurement make_failure(measure::Outcome outcome) {
  using namespace std::chrono_literals;
  measure::Measurement failure = measure::make_success({200ms, 5200ms});
  failure.outcome = outcome;
  failure.usage.reset();
  return failure;
}

/// The histograms that have a sample.
inline std::set<std::string> histogram_names(const Families& families) {
  std::set<std::string> names;
  for (const auto& family : families) {
    const bool any = std::ranges::any_of(family.samples, [](const Sample& sample) {
      const auto* const histogram = std::get_if<HistogramSample>(&sample.value);
      return histogram != nullptr && histogram->count > 0;
    });
    if (any) {
      names.emplace(family.metric->name);
    }
  }
  return names;
}

}  // namespace inferometer::metrics
