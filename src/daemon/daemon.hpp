#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/thread/mutex.hpp"
#include "base/thread/worker_pool.hpp"
#include "config/config.hpp"
#include "config/load.hpp"
#include "daemon/probing/prober.hpp"
#include "daemon/service_manager.hpp"
#include "daemon/web_config.hpp"
#include "exposition/format.hpp"
#include "http/access/door.hpp"
#include "http/server.hpp"
#include "measure/summaries.hpp"
#include "metrics/self.hpp"
#include "web/callbacks.hpp"

#include <prometheus/collectable.h>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace inferometer::daemon {

/// The running daemon: owns every part, in the order of the data flow, and takes them down again in
/// the order that ARCHITECTURE.md gives. Thread-safe where the members say so.
class Daemon {
 public:
  struct Options {
    std::vector<std::string> listen;  ///< replaces the configuration's addresses unless empty
    schedule::Shard shard;            ///< which part of the configuration is probed here
    std::string web_config_file;      ///< who may connect, and how; empty: all, in clear text
  };

  /// Starts to probe and to serve what `reloader` holds. Sockets of the service manager's replace
  /// all addresses; it is told of each reload. Both outlive the daemon. Errors: an address that
  /// cannot be served, a web configuration that cannot be loaded, no resources.
  [[nodiscard]] static base::Result<std::unique_ptr<Daemon>> start(config::Reloader& reloader,
                                                                   const Options& options,
                                                                   ServiceManager& service_manager);

  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;
  ~Daemon();

  /// Loads the file again and applies it, if it is good; and so the web configuration. Thread-safe.
  [[nodiscard]] base::Result<void> reload() EXCLUDES(m_reload_mutex, m_reloads_mutex);
  /// The same on a thread of the daemon's, without waiting for it: a file can take its time. Asked
  /// again before it has begun, it is done once. Thread-safe.
  void reload_soon();

  /// An error if the daemon hangs. Thread-safe.
  [[nodiscard]] base::Result<void> health() const;

  /// Starts no more probes and turns /-/ready to 503; those in flight go on.
  void drain();
  /// No attempt is open any more.
  [[nodiscard]] bool drained() const { return m_prober.drained(); }
  /// Ends everything; attempts still open are cut and not counted. Idempotent.
  void stop();

  /// Where it serves, with real ports. Constant after start.
  [[nodiscard]] const std::vector<std::string>& addresses() const { return m_server->addresses(); }
  /// Whether it serves by TLS.
  [[nodiscard]] bool by_tls() const { return m_door->access()->tls != nullptr; }
  /// Thread-safe.
  [[nodiscard]] std::vector<measure::Summary> summaries() const { return m_prober.summaries(); }
  /// The metrics of /metrics, for a program that shows them beside its own by prometheus-cpp
  /// (exposition/collectable.hpp). Thread-safe; the daemon outlives it.
  [[nodiscard]] std::shared_ptr<prometheus::Collectable> collectable() const;

 private:
  Daemon(config::Reloader& reloader, const schedule::Shard& shard,
         const ServiceManager& service_manager);

  [[nodiscard]] base::Result<void> load_web(const std::string& file);
  [[nodiscard]] base::Result<void> reload_config() REQUIRES(m_reload_mutex)
      EXCLUDES(m_reloads_mutex);
  [[nodiscard]] web::Callbacks callbacks();
  [[nodiscard]] web::ProbeResult probe_once(const web::ProbeRequest& request);
  void apply(const std::shared_ptr<const config::Config>& config) REQUIRES(m_reload_mutex);
  /// Runs `job` on the reload thread; asked again before it has begun, once.
  void run_soon(std::atomic<bool>& asked, base::WorkerPool::Job job);
  /// On the reload thread: thousands of targets take half a second, which neither the first
  /// scrape nor a reload waits for.
  void hash_config_soon();
  void note_reload(const base::Result<void>& loaded) EXCLUDES(m_reloads_mutex);
  [[nodiscard]] web::Status status() const EXCLUDES(m_reloads_mutex);
  /// The families or samples of those names; of none, all.
  [[nodiscard]] metrics::Families collect(const std::vector<std::string>& names) const;

  config::Reloader& m_reloader;
  const schedule::Shard m_shard;
  const ServiceManager& m_service_manager;
  const base::WallTime m_started_at;
  metrics::SelfMetrics m_self;
  Prober m_prober;
  std::atomic<bool> m_draining{false};
  std::atomic<bool> m_reload_asked{false};
  std::atomic<bool> m_hash_asked{false};
  base::Mutex m_reload_mutex;
  std::vector<std::string> m_configured_listen GUARDED_BY(m_reload_mutex);

  /// How the last reloads went, for the page, which must not wait for one.
  mutable base::Mutex m_reloads_mutex;
  base::WallTime m_configured_at GUARDED_BY(m_reloads_mutex);
  std::optional<web::FailedReload> m_failed_reload GUARDED_BY(m_reloads_mutex);
  std::shared_ptr<http::Door> m_door;
  std::unique_ptr<WebConfig> m_web_config;  ///< null: there is none; constant after start
  std::unique_ptr<WebConfigWatch> m_web_config_watch;
  std::unique_ptr<http::Server> m_server;
  base::WorkerPool m_reloading{"reload", 1};
};

/// How this program loads configurations: with the protocols that it speaks.
[[nodiscard]] config::LoadOptions load_options();

}  // namespace inferometer::daemon
