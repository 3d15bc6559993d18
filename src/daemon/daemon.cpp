#include "daemon/daemon.hpp"

#include "base/duration.hpp"
#include "base/log.hpp"
#include "config/redact.hpp"
#include "measure/render.hpp"
#include "metrics/recorder.hpp"
#include "web/routes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace inferometer::daemon {
namespace {

/// A loop that is asleep turns every second; one that works, more often.
constexpr base::Duration k_longest_silence = std::chrono::seconds(10);

using base::fail;
using base::LockGuard;
using base::Result;
using measure::Measurement;

metrics::Selection make_selection(const config::Histograms& histograms,
                                  std::vector<std::string> names) {
  return {.names = std::move(names), .classic = histograms.classic, .native = histograms.native};
}

/// The metrics of one attempt alone.
std::string metrics_of(const Measurement& measurement, const config::Histograms& histograms,
                       exposition::Format format) {
  metrics::Recorder recorder;
  recorder.set_targets({{.key = measurement.target, .thresholds = {}}}, histograms.native_schema);
  recorder.record(measurement);
  return exposition::write(recorder.collect(make_selection(histograms, {})), format);
}

}  // namespace

Result<std::unique_ptr<Daemon>> Daemon::start(config::Reloader& reloader,
                                              const std::vector<std::string>& listen) {
  std::unique_ptr<Daemon> daemon(new Daemon(reloader));
  const std::shared_ptr<const config::Config> config = reloader.current();
  auto server = http::Server::start(listen.empty() ? config->web.listen : listen,
                                    web::make_routes(daemon->callbacks()), web::may_wait);
  if (!server) {
    return tl::make_unexpected(server.error());
  }
  daemon->m_server = *std::move(server);
  const LockGuard lock(daemon->m_reload_mutex);
  daemon->m_configured_listen = config->web.listen;
  daemon->m_prober.apply(*config);
  return daemon;
}

Daemon::Daemon(config::Reloader& reloader)
    : m_reloader(reloader),
      m_started_at(base::system_clock().wall_now()),
      m_prober(m_self),
      m_configured_at(m_started_at) {
  m_self.set_config_reload(true, m_started_at);
}

Daemon::~Daemon() {
  stop();
}

Result<void> Daemon::reload() {
  const LockGuard lock(m_reload_mutex);
  Result<void> loaded = m_reloader.reload();
  note_reload(loaded);
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
    m_prober.apply(*config);
  }
  base::log::info("configuration reloaded", {{"probes", std::to_string(config->targets.size())}});
  return {};
}

void Daemon::note_reload(const Result<void>& loaded) {
  const base::WallTime now = base::system_clock().wall_now();
  m_self.set_config_reload(loaded.has_value(), now);
  const LockGuard lock(m_reloads_mutex);
  if (loaded) {
    m_configured_at = now;
    m_failed_reload.reset();
  } else {
    m_failed_reload = web::FailedReload{.at = now, .error = loaded.error().message};
  }
}

void Daemon::drain() {
  m_draining = true;
  m_prober.drain();
}

void Daemon::stop() {
  drain();
  m_prober.stop();  // ends what /probe waits for, so that the web server's workers can end
  if (m_server) {
    m_server->stop();
  }
}

web::Callbacks Daemon::callbacks() {
  web::Callbacks callbacks;
  callbacks.metrics = [this](exposition::Format format, const std::vector<std::string>& names) {
    return metrics(format, names);
  };
  callbacks.targets = [this] { return m_reloader.current()->target_keys(); };
  callbacks.probe = [this](const web::ProbeRequest& request) { return probe_once(request); };
  callbacks.measurement = [this](std::string_view id) { return m_prober.measurement(id); };
  callbacks.health = [this]() -> Result<void> {
    const base::Duration silence = m_prober.silence();
    if (silence > k_longest_silence) {
      return fail(fmt::format("the event loop of the probes has not turned for {}",
                              base::format_duration(silence)));
    }
    return {};
  };
  callbacks.readiness = [this]() -> Result<void> {
    if (m_draining) {
      return fail("draining: the daemon is shutting down");
    }
    return {};
  };
  callbacks.reload = [this] { return reload(); };
  callbacks.redacted_config = [this] { return config::to_redacted_yaml(*m_reloader.current()); };
  callbacks.measurements = [this] { return m_prober.recent().all(); };
  callbacks.retention = [this] {
    return web::Retention{.room = m_prober.recent().room(),
                          .reach = m_prober.recent().reach(),
                          .started = m_started_at};
  };
  callbacks.status = [this] { return status(); };
  return callbacks;
}

web::Status Daemon::status() const {
  web::Status status{.version = INFEROMETER_VERSION,
                     .started = m_started_at,
                     .draining = m_draining,
                     .targets = m_prober.statuses(*m_reloader.current())};
  const LockGuard lock(m_reloads_mutex);
  status.configured = m_configured_at;
  status.failed_reload = m_failed_reload;
  return status;
}

Result<std::string> Daemon::probe_once(const web::ProbeRequest& request) {
  const std::shared_ptr<const config::Config> config = m_reloader.current();
  const auto target = std::find_if(
      config->targets.begin(), config->targets.end(),
      [&request](const config::Target& candidate) { return candidate.key() == request.target; });
  if (target == config->targets.end()) {
    return fail("the configuration has just changed and has no such probe any more: try again");
  }
  if (m_draining) {
    return fail("draining: the daemon is shutting down");
  }
  const Result<Measurement> measurement =
      m_prober.probe_once(std::shared_ptr<const config::Target>(config, &*target));
  if (!measurement) {
    return tl::make_unexpected(measurement.error());
  }
  const auto metrics = [&](exposition::Format format) {
    return metrics_of(*measurement, config->histograms, format);
  };
  return request.debug
             ? measure::to_timeline(*measurement) + "metrics\n" + metrics(exposition::Format::text)
             : metrics(request.format);
}

std::string Daemon::metrics(exposition::Format format,
                            const std::vector<std::string>& names) const {
  const metrics::Selection selection = make_selection(m_reloader.current()->histograms, names);
  metrics::Families families = m_prober.collect(selection);
  metrics::Families own = m_self.collect(selection);
  std::move(own.begin(), own.end(), std::back_inserter(families));
  return exposition::write(families, format);
}

}  // namespace inferometer::daemon
