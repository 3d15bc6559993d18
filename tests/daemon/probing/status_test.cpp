#include "daemon/probing/status.hpp"

#include "fakes/fake_clock.hpp"
#include "measure/make_measurement.hpp"
#include "metrics/server_recorder.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <vector>

namespace inferometer::daemon {
namespace {

using namespace std::chrono_literals;

std::shared_ptr<Plan> make_plan(const config::TargetKey& key) {
  config::Target target;
  target.provider.name = key.provider;
  target.model.name = key.model;
  target.workload.name = key.workload;
  target.interval = 30s;
  auto plan = std::make_shared<Plan>();
  plan->target = std::make_shared<const config::Target>(std::move(target));
  plan->allowance = std::make_shared<schedule::Allowance>(
      std::make_shared<schedule::RateLimit>(std::nullopt), 5min);
  plan->summary = std::make_shared<measure::TargetSummary>(key);
  plan->next_due = std::make_shared<std::atomic<base::MonotonicTime>>();
  return plan;
}

}  // namespace

TEST_CASE("the status of a target joins what the parts of the daemon know of it") {
  const fakes::FakeClock clock;
  const measure::Measurement measurement = measure::make_success();
  const config::TargetKey other{"other", "m", "w"};
  const auto plan = make_plan(measurement.target);
  const Plans plans{{measurement.target, plan}, {other, make_plan(other)}};
  plan->next_due->store(clock.now() + 12s);
  plan->allowance->hold(1min, clock);
  measure::RecentMeasurements recent;
  plan->summary->record(measurement);
  recent.record(measurement);
  measure::Measurement forgotten = measurement;
  forgotten.id = "00000000000000ff";
  plan->summary->record(forgotten);

  config::Provider provider;
  provider.name = measurement.target.provider;
  provider.server_metrics = config::ServerMetrics{};
  metrics::ServerMetricsRecorder servers;
  servers.set_providers({provider});
  scrape::Scrape scrape;
  scrape.provider = provider.name;
  scrape.figures.emplace();
  scrape.figures->requests_running = 3;
  scrape.figures->requests_waiting = 17;
  servers.record(scrape);

  const auto statuses = make_target_statuses(plans, recent, servers.collect(), clock);
  REQUIRE(statuses.size() == 2);
  const bool first = statuses.front().summary.target == measurement.target;
  const web::TargetStatus& status = first ? statuses.front() : statuses.back();
  const web::TargetStatus& untouched = first ? statuses.back() : statuses.front();
  CHECK(status.summary.target == measurement.target);
  CHECK(status.interval == 30s);
  CHECK(status.next_run == clock.wall_now() + 12s);
  CHECK(status.held_until == clock.wall_now() + 1min);
  CHECK(status.kept == 0b01);
  REQUIRE(status.server.has_value());
  CHECK(status.server->up);
  CHECK(status.server->running == 3);
  CHECK(status.server->waiting == 17);
  CHECK_FALSE(untouched.held_until.has_value());
  CHECK_FALSE(untouched.server.has_value());

  scrape.figures.reset();
  servers.record(scrape);
  const auto down = make_target_statuses(plans, recent, servers.collect(), clock);
  const web::TargetStatus& without = first ? down.front() : down.back();
  REQUIRE(without.server.has_value());
  CHECK_FALSE(without.server->up);
}

}  // namespace inferometer::daemon
