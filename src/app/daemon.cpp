#include "app/daemon.hpp"

#include "base/log.hpp"
#include "config/redact.hpp"
#include "exposition/text.hpp"
#include "measure/derive.hpp"
#include "measure/render.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <iterator>

namespace inferometer::app {
namespace {

using base::fail;
using base::LockGuard;
using base::Result;
using config::TargetKey;
using measure::Measurement;

/// Identifies a target to the scheduler; no name can hold the separator.
std::string identity_of(const TargetKey& key) {
  return fmt::format("{}\n{}\n{}", key.provider, key.model, key.workload);
}

std::vector<TargetKey> keys_of(const config::Config& config) {
  std::vector<TargetKey> keys;
  std::transform(config.targets.begin(), config.targets.end(), std::back_inserter(keys),
                 [](const config::Target& target) { return target.key(); });
  return keys;
}

/// The metrics of one attempt alone.
std::string metrics_of(const Measurement& measurement) {
  metrics::Recorder recorder;
  recorder.set_targets({measurement.target});
  recorder.record(measurement);
  return exposition::write_text(recorder.Collect());
}

}  // namespace

Result<std::unique_ptr<Daemon>> Daemon::start(config::Reloader& reloader,
                                              const std::vector<std::string>& listen) {
  std::unique_ptr<Daemon> daemon(new Daemon(reloader));
  const std::shared_ptr<const config::Config> config = reloader.current();
  auto server =
      web::Server::start(listen.empty() ? config->web.listen : listen, daemon->callbacks());
  if (!server) {
    return tl::make_unexpected(server.error());
  }
  daemon->m_web = *std::move(server);
  const LockGuard lock(daemon->m_reload_mutex);
  daemon->m_configured_listen = config->web.listen;
  daemon->apply(*config);
  return daemon;
}

Daemon::Daemon(config::Reloader& reloader)
    : m_reloader(reloader),
      m_started_at(base::system_clock().wall_now()),
      m_transport(probe::transport::make_curl_transport(
          {.observe_lag = [this](base::Duration lag) { m_self.observe_event_loop_lag(lag); }})) {
  m_self.set_config_reload(true, m_started_at);
}

Daemon::~Daemon() {
  stop();
}

void Daemon::apply(const config::Config& config) {
  const std::vector<TargetKey> keys = keys_of(config);
  m_recorder.set_targets(keys);
  m_summaries.set_targets(keys);
  m_outcome_log.keep(keys);
  auto runner = std::make_shared<probe::Runner>(probe::Runner::Dependencies{
      .transport = *m_transport, .clock = base::system_clock(), .trust = config.trust});
  std::vector<schedule::Job> jobs;
  for (const config::Target& target : config.targets) {
    jobs.push_back(make_job(std::make_shared<const config::Target>(target), runner));
  }
  m_scheduler.set_jobs(std::move(jobs));
}

schedule::Job Daemon::make_job(const std::shared_ptr<const config::Target>& target,
                               std::shared_ptr<probe::Runner> runner) {
  schedule::Job job;
  job.identity = identity_of(target->key());
  job.interval = target->interval;
  job.max_in_flight = target->max_in_flight;
  job.skipped = [this, key = target->key()](schedule::SkipReason reason, std::uint64_t count) {
    m_recorder.skip(key, to_string(reason), count);
  };
  job.start = [this, target, runner = std::move(runner)](
                  base::MonotonicTime scheduled, std::shared_ptr<schedule::RunToken> token) {
    const TargetKey key = target->key();
    m_recorder.begin(key);
    runner->start(target, scheduled,
                  [this, key, token = std::move(token)](std::optional<Measurement> measurement) {
                    finish(key, std::move(measurement));
                  });
  };
  return job;
}

void Daemon::finish(const TargetKey& key, std::optional<Measurement> measurement) {
  if (!measurement) {
    m_recorder.abandon(key);
    return;
  }
  m_self.observe_lateness(measure::lateness(*measurement));
  m_recorder.record(*measurement);
  m_summaries.record(*measurement);
  m_outcome_log.record(*measurement);
}

Result<void> Daemon::reload() {
  const LockGuard lock(m_reload_mutex);
  Result<void> loaded = m_reloader.reload();
  m_self.set_config_reload(loaded.has_value(), base::system_clock().wall_now());
  if (!loaded) {
    base::log::error("configuration not reloaded; the old one stays in force",
                     {{"error", loaded.error().message}});
    return loaded;
  }
  const std::shared_ptr<const config::Config> config = m_reloader.current();
  if (config->web.listen != m_configured_listen) {
    base::log::warn("web.listen changed: restart the daemon to apply it");
  }
  if (!m_draining) {
    apply(*config);
  }
  base::log::info("configuration reloaded", {{"probes", std::to_string(config->targets.size())}});
  return {};
}

void Daemon::drain() {
  m_draining = true;
  m_scheduler.stop();
}

void Daemon::stop() {
  drain();
  m_transport->stop();  // ends what /probe waits for, so that the web server's workers can end
  if (m_web) {
    m_web->stop();
  }
}

web::Callbacks Daemon::callbacks() {
  web::Callbacks callbacks;
  callbacks.metrics = [this] { return render_metrics(); };
  callbacks.targets = [this] { return keys_of(*m_reloader.current()); };
  callbacks.probe = [this](const TargetKey& key, bool debug) { return probe_once(key, debug); };
  callbacks.readiness = [this]() -> Result<void> {
    if (m_draining) {
      return fail("draining: the daemon is shutting down");
    }
    return {};
  };
  callbacks.reload = [this] { return reload(); };
  callbacks.redacted_config = [this] { return config::to_redacted_yaml(*m_reloader.current()); };
  callbacks.status = [this] {
    return web::Status{
        .version = INFEROMETER_VERSION, .started = m_started_at, .targets = m_summaries.snapshot()};
  };
  return callbacks;
}

Result<std::string> Daemon::probe_once(const TargetKey& key, bool debug) {
  const std::shared_ptr<const config::Config> config = m_reloader.current();
  const auto target = std::find_if(config->targets.begin(), config->targets.end(),
                                   [&key](const config::Target& t) { return t.key() == key; });
  if (target == config->targets.end()) {
    return fail("the configuration has just changed and has no such probe any more: try again");
  }
  if (m_draining) {
    return fail("draining: the daemon is shutting down");
  }
  auto done = std::make_shared<std::promise<std::optional<Measurement>>>();
  probe::Runner runner(
      {.transport = *m_transport, .clock = base::system_clock(), .trust = config->trust});
  runner.start(
      std::shared_ptr<const config::Target>(config, &*target), base::system_clock().now(),
      [done](std::optional<Measurement> measurement) { done->set_value(std::move(measurement)); });
  const std::optional<Measurement> measurement = done->get_future().get();
  if (!measurement) {
    return fail("the daemon is shutting down: the probe was cut");
  }
  const std::string metrics = metrics_of(*measurement);
  return debug ? measure::to_timeline(*measurement) + "metrics\n" + metrics : metrics;
}

std::string Daemon::render_metrics() const {
  std::vector<prometheus::MetricFamily> families = m_recorder.Collect();
  std::vector<prometheus::MetricFamily> own = m_self.Collect();
  std::move(own.begin(), own.end(), std::back_inserter(families));
  return exposition::write_text(families);
}

}  // namespace inferometer::app
