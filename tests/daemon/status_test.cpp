#include "daemon/status.hpp"

#include "measure/make_measurement.hpp"
#include "metrics/server_recorder.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <vector>

namespace inferometer::daemon {

using namespace std::chrono_literals;

TEST_CASE("the status of a target joins what the parts of the daemon know of it") {
  const measure::Measurement measurement = measure::make_success();
  config::Config config;
  config::Target& target = config.targets.emplace_back();
  target.provider.name = measurement.target.provider;
  target.provider.server_metrics = config::ServerMetrics{};
  target.model.name = measurement.target.model;
  target.workload.name = measurement.target.workload;
  target.interval = 30s;

  measure::Summaries summaries;
  summaries.set_targets({measurement.target, {"other", "m", "w"}});
  measure::Recent recent;
  summaries.record(measurement);
  recent.record(measurement);
  measure::Measurement forgotten = measurement;
  forgotten.id = "00000000000000ff";
  summaries.record(forgotten);

  metrics::ServerMetricsRecorder servers;
  servers.set_providers({target.provider});
  scrape::Scrape scrape;
  scrape.provider = target.provider.name;
  scrape.figures.emplace();
  scrape.figures->requests_running = 3;
  scrape.figures->requests_waiting = 17;
  servers.record(scrape);

  const std::vector<web::TargetStatus> statuses =
      make_target_statuses(summaries.snapshot(), config, recent, servers.collect());
  REQUIRE(statuses.size() == 2);
  const web::TargetStatus& status = statuses.front();
  CHECK(status.summary.target == measurement.target);
  CHECK(status.interval == 30s);
  CHECK(status.kept == 0b01);
  REQUIRE(status.server.has_value());
  CHECK(status.server->up);
  CHECK(status.server->running == 3);
  CHECK(status.server->waiting == 17);
  CHECK_FALSE(statuses.back().interval.has_value());
  CHECK_FALSE(statuses.back().server.has_value());

  scrape.figures.reset();
  servers.record(scrape);
  const auto down = make_target_statuses(summaries.snapshot(), config, recent, servers.collect());
  REQUIRE(down.front().server.has_value());
  CHECK_FALSE(down.front().server->up);
}

}  // namespace inferometer::daemon
