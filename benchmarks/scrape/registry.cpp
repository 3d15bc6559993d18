#include "scrape/registry.hpp"

#include "measure/measurement.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <random>
#include <vector>

namespace inferometer::scrape_cost {
namespace {

using measure::Duration;
using measure::Measurement;
using namespace std::chrono_literals;

constexpr int k_attempts = 100;
constexpr int k_gaps = 20;

class Attempts {
 public:
  Measurement next(const config::TargetKey& target) {
    Measurement result;
    result.id = fmt::format("{:016x}", m_engine());
    result.target = target;
    result.started_at = base::system_clock().wall_now();
    result.outcome = measure::Outcome::success;
    result.stall_threshold = 10s;
    result.connection.certificate_expiry =
        std::chrono::floor<std::chrono::seconds>(result.started_at + 24h);
    result.usage = measure::TokenUsage{.input = 512, .cached_input = 128, .output = k_gaps + 1};
    result.rate_limits = {{measure::RateLimitResource::requests, 60, 59, {}},
                          {measure::RateLimitResource::tokens, 1000, 900, {}}};
    fill(result);
    return result;
  }

 private:
  Duration draw(double median_seconds) {
    return Duration(std::llround(1e9 * median_seconds * m_spread(m_engine)));
  }

  void fill(Measurement& result) {
    measure::Timeline& timeline = result.timeline;
    timeline.started = base::system_clock().now();
    timeline.scheduled = timeline.started - draw(0.0001);
    timeline.name_resolved = timeline.started + draw(0.001);
    timeline.connected = *timeline.name_resolved + draw(0.01);
    timeline.tls_done = *timeline.connected + draw(0.02);
    timeline.request_begin = timeline.tls_done;
    timeline.request_sent = *timeline.request_begin + draw(0.0002);
    timeline.first_byte = *timeline.request_sent + draw(0.3);
    timeline.first_reasoning = *timeline.first_byte + draw(0.01);
    timeline.first_content = *timeline.first_reasoning + draw(0.1);
    measure::MonotonicTime at = *timeline.first_content;
    result.content_arrivals.push_back({.at = at});
    for (int gap = 0; gap < k_gaps; ++gap) {
      at += draw(0.02);
      result.content_arrivals.push_back({.at = at});
    }
    timeline.last_content = at;
    result.content_bytes = result.content_arrivals.size();
    result.burst_bytes = 1;
    timeline.ended = at + draw(0.001);
  }

  std::mt19937_64 m_engine{1};
  std::lognormal_distribution<double> m_spread{0, 0.5};
};

}  // namespace

std::unique_ptr<metrics::Recorder> make_registry(std::size_t targets) {
  std::vector<metrics::SeriesPlan> plans;
  for (std::size_t i = 0; i < targets; ++i) {
    plans.push_back(
        {.key = {fmt::format("provider-{}", i % 20), fmt::format("model-{}", i), "chat"},
         .labels = {},
         .thresholds = {},
         .allowance = nullptr});
  }
  auto recorder = std::make_unique<metrics::Recorder>();
  recorder->set_targets(plans);
  Attempts attempts;
  for (const metrics::SeriesPlan& plan : plans) {
    for (int i = 0; i < k_attempts; ++i) {
      recorder->find(plan.key)->record(attempts.next(plan.key));
    }
  }
  return recorder;
}

}  // namespace inferometer::scrape_cost
