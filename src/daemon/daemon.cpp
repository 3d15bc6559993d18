#include "daemon/daemon.hpp"

#include "base/duration.hpp"
#include "base/hash.hpp"
#include "base/log.hpp"
#include "config/redact.hpp"
#include "config/secrets.hpp"
#include "daemon/probing/own_part.hpp"
#include "exposition/collectable.hpp"
#include "measure/render.hpp"
#include "metrics/on_demand.hpp"
#include "protocol/protocol.hpp"
#include "slo/rules.hpp"
#include "web/routes.hpp"

#include <fmt/format.h>

#include <iterator>
#include <utility>

namespace inferometer::daemon {
namespace {

/// A loop turns every second when idle, and more often when it has work.
constexpr base::Duration k_longest_silence = std::chrono::seconds(10);

constexpr int k_misdirected = 421;  // RFC 9110: this server does not serve that

using base::fail;
using base::LockGuard;
using base::Result;

metrics::Selection make_selection(const config::Histograms& histograms,
                                  std::vector<std::string> names) {
  return {.names = std::move(names), .classic = histograms.classic, .native = histograms.native};
}

void warn_of_missing_secrets(const config::Config& config) {
  for (const config::MissingSecret& missing : config::missing_secrets(config)) {
    base::log::warn("a secret cannot be read", {{"provider", missing.provider},
                                                {"key", missing.key},
                                                {"source", missing.source},
                                                {"reason", missing.reason},
                                                {"hint", missing.hint}});
  }
}

void warn_if_nothing_is_probed(const config::Config& config) {
  if (config.targets.empty()) {
    base::log::warn("nothing is probed: the configuration names no probes");
  }
}

void note_late_alerts(const config::Config& config) {
  for (const slo::AlertNote& note : slo::alert_notes(config)) {
    const auto log = note.never ? &base::log::warn : &base::log::info;
    log("the alerts of an SLO wait for bad probes", {{"note", note.text}});
  }
}

}  // namespace

Result<std::unique_ptr<Daemon>> Daemon::start(config::Reloader& reloader, const Options& options,
                                              ServiceManager& service_manager) {
  std::unique_ptr<Daemon> daemon(new Daemon(reloader, options.shard, service_manager));
  if (const auto loaded = daemon->load_web(options.web_config_file); !loaded) {
    return tl::make_unexpected(loaded.error());
  }
  const std::shared_ptr<const config::Config> config = reloader.current();
  // Before any attempt, as an address that is taken is a start that fails.
  auto listeners = service_manager.take_listeners();
  if (listeners && listeners->empty()) {
    listeners = base::listen_on(options.listen.empty() ? config->web.listen : options.listen,
                                "--web.listen-address");
  }
  if (!listeners) {
    return tl::make_unexpected(listeners.error());
  }
  const LockGuard lock(daemon->m_reload_mutex);
  daemon->m_configured_listen = config->web.listen;
  daemon->apply(config);
  // Only now, so that no scrape finds series missing and ready means ready.
  auto server = http::Server::start(*std::move(listeners), web::make_routes(daemon->callbacks()),
                                    web::lane_of, {}, daemon->m_door);
  if (!server) {
    return tl::make_unexpected(server.error());
  }
  daemon->m_server = *std::move(server);
  if (daemon->m_web_config) {
    daemon->m_web_config_watch = std::make_unique<WebConfigWatch>(*daemon->m_web_config);
  }
  return daemon;
}

Daemon::Daemon(config::Reloader& reloader, const schedule::Shard& shard,
               const ServiceManager& service_manager)
    : m_reloader(reloader),
      m_shard(shard),
      m_service_manager(service_manager),
      m_started_at(base::system_clock().wall_now()),
      m_prober(m_self),
      m_configured_at(m_started_at) {
  m_self.set_config_reload(true, m_started_at);
}

Daemon::~Daemon() {
  stop();
}

Result<void> Daemon::load_web(const std::string& file) {
  const auto on_refusal = [this](http::Refusal why) {
    m_self.count_web_refusal(http::to_string(why));
  };
  if (file.empty()) {
    m_door = std::make_shared<http::Door>(http::Access{}, on_refusal);
    return {};
  }
  LoadedWebConfig loaded = load_web_config(file);
  if (!loaded.access) {
    return fail(config::render(file, loaded.access.error()));
  }
  m_door = std::make_shared<http::Door>(*loaded.access, on_refusal);
  m_web_config = std::make_unique<WebConfig>(
      file, std::move(loaded), m_door,
      [this](bool ok, std::optional<std::chrono::sys_seconds> certificate_expiry) {
        m_self.set_web_config(ok, certificate_expiry);
      });
  return {};
}

Result<void> Daemon::reload() {
  const LockGuard lock(m_reload_mutex);
  m_service_manager.reloading();
  Result<void> loaded = reload_config();
  Result<void> web = m_web_config ? m_web_config->reload() : Result<void>();
  m_service_manager.ready();
  return loaded ? web : loaded;
}

Result<void> Daemon::reload_config() {
  Result<void> loaded = m_reloader.reload();
  note_reload(loaded);
  if (loaded) {
    const std::shared_ptr<const config::Config> config = m_reloader.current();
    if (config->web.listen != m_configured_listen) {
      base::log::warn("web.listen changed: restart the daemon to apply it");
    }
    apply(config);
    base::log::info("configuration reloaded", {{"probes", config->targets.size()}});
  } else {
    base::log::error("configuration not reloaded; the old one stays in force",
                     {{"error", loaded.error().message}});
  }
  return loaded;
}

void Daemon::apply(const std::shared_ptr<const config::Config>& config) {
  warn_of_missing_secrets(*config);
  warn_if_nothing_is_probed(*config);
  note_late_alerts(*config);
  const OwnPart own = own_part(config, m_shard);
  m_self.set_shard(
      {.index = m_shard.index, .count = m_shard.count, .targets = own.config->targets.size()});
  if (!m_draining) {
    m_prober.apply(own.config, own.rate_shares);
  }
  hash_config_soon();
}

void Daemon::hash_config_soon() {
  run_soon(m_hash_asked, [this] {
    m_self.set_config_hash(base::fnv1a(config::to_redacted_yaml(*m_reloader.current())));
  });
}

void Daemon::reload_soon() {
  // What it came to is in the log and in a metric; the old one stays in force if it failed.
  run_soon(m_reload_asked, [this] { static_cast<void>(reload()); });
}

void Daemon::run_soon(std::atomic<bool>& asked, base::WorkerPool::Job job) {
  if (!asked.exchange(true)) {
    m_reloading.run([&asked, job = std::move(job)] {
      asked = false;
      job();
    });
  }
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

Result<void> Daemon::health() const {
  const base::Duration silence = m_prober.silence();
  if (silence > k_longest_silence) {
    return fail(fmt::format("the event loop of the probes has not turned for {}",
                            base::format_duration(silence)));
  }
  return {};
}

void Daemon::drain() {
  m_draining = true;
  m_prober.drain();
}

void Daemon::stop() {
  drain();
  m_web_config_watch.reset();
  m_reloading.stop();
  m_prober.stop();  // ends what /probe waits for, so that the web server's workers can end
  if (m_server) {
    m_server->stop();
  }
}

web::Callbacks Daemon::callbacks() {
  web::Callbacks callbacks;
  callbacks.settings = [this] {
    const std::shared_ptr<const config::Config> config = m_reloader.current();
    return std::shared_ptr<const config::Web>(config, &config->web);
  };
  callbacks.metrics = [this](exposition::Format format, const std::vector<std::string>& names) {
    return exposition::write(collect(names), format);
  };
  callbacks.targets = [this] { return m_reloader.current()->target_keys(); };
  callbacks.probe = [this](const web::ProbeRequest& request) { return probe_once(request); };
  callbacks.measurement = [this](std::string_view id) { return m_prober.measurement(id); };
  callbacks.health = [this] { return health(); };
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
                     .targets = m_prober.statuses()};
  const LockGuard lock(m_reloads_mutex);
  status.configured = m_configured_at;
  status.failed_reload = m_failed_reload;
  return status;
}

web::ProbeResult Daemon::probe_once(const web::ProbeRequest& request) {
  if (m_draining) {
    return tl::make_unexpected(
        web::ProbeRefusal{.message = "draining: the daemon is shutting down"});
  }
  if (const std::uint32_t shard = shard_of(request.target, m_shard.count); shard != m_shard.index) {
    return tl::make_unexpected(
        web::ProbeRefusal{.status = k_misdirected,
                          .message = fmt::format("this is shard {} of {}; the probe is on shard {}",
                                                 m_shard.index, m_shard.count, shard)});
  }
  const OnDemandResult measurement = m_prober.probe_once(
      {.target = request.target, .timeout = request.timeout, .given_up = request.client_left});
  if (!measurement) {
    const NoMeasurement& why = measurement.error();
    constexpr int k_too_many = 429;
    constexpr int k_unavailable = 503;
    return tl::make_unexpected(web::ProbeRefusal{
        .status = why.cause == NoMeasurement::Cause::too_many ? k_too_many : k_unavailable,
        .message = why.message});
  }
  const metrics::Families families = metrics::on_demand_families(*measurement);
  return request.debug ? measure::to_timeline(*measurement) + "metrics\n" +
                             exposition::write(families, exposition::Format::text)
                       : exposition::write(families, request.format);
}

metrics::Families Daemon::collect(const std::vector<std::string>& names) const {
  const metrics::Selection selection = make_selection(m_reloader.current()->histograms, names);
  metrics::Families families = m_prober.collect(selection);
  metrics::Families own = m_self.collect(selection);
  std::move(own.begin(), own.end(), std::back_inserter(families));
  return families;
}

std::shared_ptr<prometheus::Collectable> Daemon::collectable() const {
  return exposition::make_collectable([this] { return collect({}); });
}

config::LoadOptions load_options() {
  config::LoadOptions options;
  for (const protocol::Protocol& protocol : protocol::protocols()) {
    options.protocols.push_back(
        {.name = std::string(protocol.name), .takes_ignore_eos = protocol.takes_ignore_eos});
  }
  return options;
}

}  // namespace inferometer::daemon
