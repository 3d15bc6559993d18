#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/mutex.hpp"
#include "config/config.hpp"
#include "daemon/outcome_log.hpp"
#include "daemon/self_check.hpp"
#include "daemon/server_log.hpp"
#include "measure/recent.hpp"
#include "measure/summaries.hpp"
#include "metrics/family.hpp"
#include "metrics/recorder.hpp"
#include "metrics/self.hpp"
#include "metrics/server_recorder.hpp"
#include "probe/runner.hpp"
#include "schedule/allowance.hpp"
#include "schedule/scheduler.hpp"
#include "scrape/scraper.hpp"
#include "transport/tls/context_cache.hpp"
#include "transport/transport.hpp"
#include "web/status.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace inferometer::daemon {

/// Runs the configured probes: the schedule starts attempts, the runner makes them, and what they
/// measured goes to the metrics, the summaries and the log. Thread-safe but for apply().
class Prober {
 public:
  /// `self` outlives the prober.
  explicit Prober(metrics::SelfMetrics& self);
  Prober(const Prober&) = delete;
  Prober& operator=(const Prober&) = delete;
  ~Prober();  ///< stops

  /// Probes what `config` says from now on; what it has in common with the one before goes on as
  /// it was. Not to be called by two threads at once.
  void apply(const config::Config& config) EXCLUDES(m_series_mutex);

  /// Makes one attempt now, besides the schedule and the metrics, and waits for its end. The error
  /// says that stop() cut it.
  [[nodiscard]] base::Result<measure::Measurement> probe_once(
      std::shared_ptr<const config::Target> target);

  /// Starts no more attempts; those in flight go on.
  void drain();
  /// No attempt is open any more.
  [[nodiscard]] bool drained() const { return m_transport->open() == 0; }
  /// For how long the event loop of the attempts has not come round: about a second at most, unless
  /// it hangs.
  [[nodiscard]] base::Duration silence() const {
    return std::chrono::steady_clock::now() - m_transport->last_turn();
  }
  /// Cuts what is still open, which is not counted. Idempotent.
  void stop();

  /// What a scrape sees: the series of one configuration, never of two.
  [[nodiscard]] metrics::Families collect(const metrics::Selection& selection = {}) const
      EXCLUDES(m_series_mutex);
  [[nodiscard]] std::vector<measure::Summary> summaries() const { return m_summaries.snapshot(); }
  /// What the page and the API show of each target; `config` is the one that was applied.
  [[nodiscard]] std::vector<web::TargetStatus> statuses(const config::Config& config) const;
  /// A recent measurement, also one of probe_once(); null if it is not known, or not any more.
  [[nodiscard]] std::shared_ptr<const measure::Measurement> measurement(std::string_view id) const {
    return m_recent.find(id);
  }
  [[nodiscard]] const measure::Recent& recent() const { return m_recent; }

 private:
  /// One probe as it is scheduled.
  struct Plan {
    std::shared_ptr<const config::Target> target;
    std::shared_ptr<schedule::Allowance> allowance;  ///< of its provider
    std::string identity;                            ///< to the scheduler
  };

  void set_series(const config::Config& config) EXCLUDES(m_series_mutex);
  void load_contexts(const std::vector<config::Provider>& providers);
  void keep_allowances(const std::vector<config::Provider>& providers);
  [[nodiscard]] schedule::Job make_job(std::shared_ptr<const Plan> plan);
  void add_background_jobs(const config::Provider& provider, std::vector<schedule::Job>& jobs);
  void skip(const config::TargetKey& target, schedule::SkipReason reason, std::uint64_t count);
  void begin(const std::shared_ptr<const Plan>& plan, const probe::Runner::Order& order,
             std::shared_ptr<schedule::RunToken> token);
  void finish(const std::shared_ptr<const Plan>& plan,
              std::optional<measure::Measurement> measurement,
              std::shared_ptr<schedule::RunToken> token);
  void retry(const std::shared_ptr<const Plan>& plan, const measure::Measurement& failed,
             std::shared_ptr<schedule::RunToken> token);

  metrics::SelfMetrics& m_self;
  metrics::Recorder m_recorder;
  metrics::ServerMetricsRecorder m_server_metrics;
  mutable base::Mutex
      m_series_mutex;  ///< between reloads and scrapes; nothing that records takes it
  measure::Recent m_recent;
  measure::Summaries m_summaries;
  OutcomeLog m_outcome_log;
  ServerLog m_server_log;
  std::map<std::string, std::shared_ptr<schedule::Allowance>> m_allowances;  ///< apply()'s own
  const std::shared_ptr<transport::tls::ContextCache> m_contexts;            ///< of both transports
  std::unique_ptr<transport::Transport> m_transport;
  std::unique_ptr<transport::Transport> m_background;
  probe::Runner m_runner;
  scrape::Scraper m_scraper;
  schedule::Scheduler m_scheduler;
  SelfCheck m_self_check;
};

}  // namespace inferometer::daemon
