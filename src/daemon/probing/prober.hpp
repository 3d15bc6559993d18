#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/thread/mutex.hpp"
#include "base/thread/worker_pool.hpp"
#include "config/config.hpp"
#include "daemon/probing/allowances.hpp"
#include "daemon/probing/logs.hpp"
#include "daemon/probing/on_demand.hpp"
#include "daemon/probing/plans.hpp"
#include "daemon/probing/self_check.hpp"
#include "measure/recent_measurements.hpp"
#include "measure/summaries.hpp"
#include "measure/target_table.hpp"
#include "metrics/recorder.hpp"
#include "metrics/self.hpp"
#include "metrics/server_recorder.hpp"
#include "metrics/snapshot.hpp"
#include "probe/runner.hpp"
#include "schedule/scheduler.hpp"
#include "scrape/scraper.hpp"
#include "slo/ledger.hpp"
#include "transport/tls/context_cache.hpp"
#include "transport/transport.hpp"
#include "web/status.hpp"

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace inferometer::daemon {

/// Runs the configured probes: the schedule says when, a thread of low priority builds the request,
/// the transport carries it, and what was measured goes to a list of sinks: metrics, summaries,
/// log. Thread-safe but for apply().
class Prober {
 public:
  /// `self` outlives the prober.
  explicit Prober(metrics::SelfMetrics& self);
  Prober(const Prober&) = delete;
  Prober& operator=(const Prober&) = delete;
  ~Prober();  ///< stops

  /// Probes what `config` says from now on, within these shares of the rate limits; what it has in
  /// common with the one before goes on as it was. Not to be called by two threads at once.
  void apply(const std::shared_ptr<const config::Config>& config, const RateShares& shares = {})
      EXCLUDES(m_series_mutex, m_plans_mutex);

  /// Makes one attempt now, besides the schedule, and waits for its end. The provider's rate limit
  /// and the model's hold are obeyed as for any other; it is logged and kept, and of the metrics it
  /// is in those alone that count what is asked for and its tokens.
  [[nodiscard]] OnDemandResult probe_once(const OnDemandOrder& order) EXCLUDES(m_plans_mutex);

  /// Starts no more attempts; those in flight go on.
  void drain();
  /// No attempt is open any more, nor waits for its request or a token.
  [[nodiscard]] bool drained() const { return m_open == 0; }
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
  /// What the page and the API show of each target.
  [[nodiscard]] std::vector<web::TargetStatus> statuses() const EXCLUDES(m_plans_mutex);
  /// A recent measurement, also one of probe_once(); null if it is not known, or not any more.
  [[nodiscard]] std::shared_ptr<const measure::Measurement> measurement(std::string_view id) const {
    return m_recent.find(id);
  }
  [[nodiscard]] const measure::RecentMeasurements& recent() const { return m_recent; }

 private:
  void set_series(const config::Config& config) EXCLUDES(m_series_mutex);
  void load_contexts(const std::vector<config::Provider>& providers);
  [[nodiscard]] Plans make_plans(const std::shared_ptr<const config::Config>& config,
                                 const RateShares& shares) const;
  [[nodiscard]] schedule::Job make_job(std::shared_ptr<const Plan> plan);
  void add_background_jobs(const config::Provider& provider, std::vector<schedule::Job>& jobs);
  void begin(const std::shared_ptr<const Plan>& plan, const probe::Runner::Order& order,
             std::shared_ptr<schedule::RunToken> token);
  void finish(const std::shared_ptr<const Plan>& plan,
              const std::optional<measure::Measurement>& measurement,
              std::shared_ptr<schedule::RunToken> token);
  void hold_if_refused(const Plan& plan, const measure::Measurement& measurement);
  void retry(const std::shared_ptr<const Plan>& plan, const measure::Measurement& failed,
             std::shared_ptr<schedule::RunToken> token);
  void start(const probe::Runner::Order& order, probe::Completion completion);
  [[nodiscard]] std::shared_ptr<const Plans> plans() const EXCLUDES(m_plans_mutex);

  metrics::SelfMetrics& m_self;
  metrics::Recorder m_recorder;
  metrics::ServerMetricsRecorder m_server_metrics;
  mutable base::Mutex
      m_series_mutex;  ///< between reloads and scrapes; nothing that records takes it
  measure::RecentMeasurements m_recent;
  measure::Summaries m_summaries;
  slo::Ledger m_slos;
  measure::TargetTable<OutcomeLog> m_outcome_logs;
  ServerLog m_server_log;
  const std::vector<SinkFactory> m_sink_factories;
  Allowances m_allowances;                                         ///< apply()'s own
  const std::shared_ptr<transport::tls::ContextCache> m_contexts;  ///< of both transports
  std::unique_ptr<transport::Transport> m_transport;
  std::unique_ptr<transport::Transport> m_background;
  probe::Runner m_runner;
  scrape::Scraper m_scraper;
  std::atomic<std::size_t> m_open{0};  ///< attempts, from their tick to their last sink
  mutable base::Mutex m_plans_mutex;
  std::shared_ptr<const Plans> m_plans GUARDED_BY(m_plans_mutex) = std::make_shared<const Plans>();
  base::WorkerPool m_preparation{"preparation", 1};
  schedule::Scheduler m_scheduler;
  SelfCheck m_self_check;
};

}  // namespace inferometer::daemon
