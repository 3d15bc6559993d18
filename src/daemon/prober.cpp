#include "daemon/prober.hpp"

#include "config/slo.hpp"
#include "daemon/single_attempt.hpp"
#include "daemon/status.hpp"
#include "probe/retry.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <random>
#include <utility>

namespace inferometer::daemon {
namespace {

using base::MonotonicTime;
using config::TargetKey;
using measure::Measurement;
using measure::Outcome;
using schedule::Job;
using schedule::RunToken;
using schedule::SkipReason;

/// How often it is looked whether a token must be renewed; the authorizer does so five minutes
/// before its end.
constexpr base::Duration k_token_interval = std::chrono::minutes(1);

/// Identifies a target to the scheduler; no name can hold the separator.
std::string identity_of(const TargetKey& key) {
  return fmt::format("{}\n{}\n{}", key.provider, key.model, key.workload);
}

metrics::SeriesPlan make_series_plan(const std::vector<config::Slo>& slos, const TargetKey& key) {
  const auto edges = [&](config::SliKind kind) { return config::thresholds(slos, kind, key); };
  return {.key = key,
          .thresholds = {
              .ttft = edges(config::SliKind::ttft_below),
              .time_per_output_token = edges(config::SliKind::time_per_output_token_below),
              .duration = edges(config::SliKind::duration_below),
          }};
}

/// In [0, 1).
double draw() {
  thread_local std::minstd_rand engine(std::random_device{}());
  return std::uniform_real_distribution<double>()(engine);
}

}  // namespace

Prober::Prober(metrics::SelfMetrics& self)
    : m_self(self),
      m_contexts(std::make_shared<transport::tls::ContextCache>()),
      m_transport(transport::make_transport(
          {.observe_lag = [this](base::Duration lag) { m_self.observe_event_loop_lag(lag); },
           .contexts = m_contexts})),
      m_background(transport::make_transport({.contexts = m_contexts})),
      m_runner(
          {.transport = *m_transport, .background = *m_background, .clock = base::system_clock()}),
      m_scraper(*m_background, base::system_clock()),
      m_self_check(*m_transport, [this](base::Duration error) { m_self.observe_error(error); },
                   {}) {}

Prober::~Prober() {
  stop();
}

void Prober::apply(const config::Config& config) {
  const std::vector<TargetKey> keys = config.target_keys();
  set_series(config);
  m_summaries.set_targets(keys);
  m_outcome_log.keep(keys);
  m_runner.apply(config);
  load_contexts(config.providers);
  keep_allowances(config.providers);
  m_scraper.keep(config.providers);
  m_server_log.keep(config.providers);
  std::vector<Job> jobs;
  for (const config::Provider& provider : config.providers) {
    add_background_jobs(provider, jobs);
  }
  for (const config::Target& target : config.targets) {
    jobs.push_back(make_job(
        std::make_shared<const Plan>(Plan{.target = std::make_shared<const config::Target>(target),
                                          .allowance = m_allowances.at(target.provider.name),
                                          .identity = identity_of(target.key())})));
  }
  m_scheduler.set_jobs(std::move(jobs));
}

void Prober::set_series(const config::Config& config) {
  std::vector<metrics::SeriesPlan> plans;
  plans.reserve(config.targets.size());
  for (const config::Target& target : config.targets) {
    plans.push_back(make_series_plan(config.slos, target.key()));
  }
  const base::LockGuard lock(m_series_mutex);
  m_recorder.set_targets(plans, config.histograms.native_schema);
  m_server_metrics.set_providers(config.providers);
}

/// Trust and certificates, before any attempt wants them: reading the system's authorities takes
/// 25 ms. What cannot be read ends each attempt with that error.
void Prober::load_contexts(const std::vector<config::Provider>& providers) {
  m_contexts->reload();
  for (const config::Provider& provider : providers) {
    if (provider.base_url.starts_with("https:")) {
      static_cast<void>(m_contexts->get(provider.tls));
    }
  }
}

/// A hold outlives a reload: the provider has not changed its mind.
void Prober::keep_allowances(const std::vector<config::Provider>& providers) {
  std::map<std::string, std::shared_ptr<schedule::Allowance>> allowances;
  for (const config::Provider& provider : providers) {
    auto allowance = std::make_shared<schedule::Allowance>(provider.requests_per_minute);
    if (const auto before = m_allowances.find(provider.name); before != m_allowances.end()) {
      if (const auto until = before->second->held_until()) {
        allowance->hold_until(*until);
      }
    }
    allowances.emplace(provider.name, std::move(allowance));
  }
  m_allowances = std::move(allowances);
}

Job Prober::make_job(std::shared_ptr<const Plan> plan) {
  Job job;
  job.identity = plan->identity;
  job.interval = plan->target->interval;
  job.max_in_flight = plan->target->max_in_flight;
  job.allowance = plan->allowance;
  job.skipped = [this, key = plan->target->key()](SkipReason reason, std::uint64_t count) {
    skip(key, reason, count);
  };
  job.start = [this, plan = std::move(plan)](MonotonicTime scheduled,
                                             std::shared_ptr<RunToken> token) {
    begin(plan, {.target = plan->target, .scheduled = scheduled, .attempt = 1}, std::move(token));
  };
  return job;
}

void Prober::skip(const TargetKey& target, SkipReason reason, std::uint64_t count) {
  m_recorder.skip(target, to_string(reason), count);
  if (const auto summary = m_summaries.find(target)) {
    summary->skip(to_string(reason), count);
  }
}

/// What keeps a provider's token fresh, and what reads its own metrics: neither on the transport
/// of the attempts.
void Prober::add_background_jobs(const config::Provider& provider, std::vector<Job>& jobs) {
  const auto ignore_skips = [](SkipReason /*reason*/, std::uint64_t /*count*/) {};
  if (probe::auth::needs_token(provider.auth)) {
    m_runner.refresh_token(provider);  // the first one now, that no attempt waits for it
    jobs.push_back({.identity = "token\n" + provider.name,
                    .interval = k_token_interval,
                    .start =
                        [this, provider](MonotonicTime /*scheduled*/,
                                         const std::shared_ptr<RunToken>& /*token*/) {
                          m_runner.refresh_token(provider);
                        },
                    .skipped = ignore_skips});
  }
  if (provider.server_metrics) {
    jobs.push_back({.identity = "server metrics\n" + provider.name,
                    .interval = provider.server_metrics->interval,
                    .start =
                        [this, provider](MonotonicTime /*scheduled*/,
                                         const std::shared_ptr<RunToken>& /*token*/) {
                          m_scraper.start(provider, [this](const scrape::Scrape& result) {
                            m_server_metrics.record(result);
                            m_server_log.record(result);
                          });
                        },
                    .skipped = ignore_skips});
  }
}

void Prober::begin(const std::shared_ptr<const Plan>& plan, const probe::Runner::Order& order,
                   std::shared_ptr<RunToken> token) {
  m_recorder.begin(plan->target->key());
  m_runner.start(order, [this, plan,
                         token = std::move(token)](std::optional<Measurement> measurement) mutable {
    finish(plan, std::move(measurement), std::move(token));
  });
}

void Prober::finish(const std::shared_ptr<const Plan>& plan, std::optional<Measurement> measurement,
                    std::shared_ptr<RunToken> token) {
  if (!measurement) {
    m_recorder.abandon(plan->target->key());
    return;
  }
  m_self.observe(*measurement);
  m_recent.record(*measurement);  // before its exemplars can be seen
  m_recorder.record(*measurement);
  m_summaries.record(*measurement);
  m_outcome_log.record(*measurement);
  const bool limited = measurement->outcome == Outcome::rate_limited ||
                       measurement->outcome == Outcome::quota_exhausted;
  if (limited && measurement->retry_after) {
    plan->allowance->hold_until(base::system_clock().now() + *measurement->retry_after);
  }
  retry(plan, *measurement, std::move(token));
}

/// Repeats a failed attempt where the workload wants it; its run goes on until the last one ends.
void Prober::retry(const std::shared_ptr<const Plan>& plan, const Measurement& failed,
                   std::shared_ptr<RunToken> token) {
  const auto delay = probe::retry_delay(failed, plan->target->workload.retries, draw());
  if (!delay) {
    return;
  }
  const MonotonicTime due = base::system_clock().now() + *delay;
  m_scheduler.run_at(plan->identity, due,
                     [this, plan, due, attempt = failed.attempt + 1, token = std::move(token)] {
                       if (!plan->allowance->take(base::system_clock().now())) {
                         skip(plan->target->key(), SkipReason::rate_limited, 1);
                         return;
                       }
                       begin(plan, {.target = plan->target, .scheduled = due, .attempt = attempt},
                             token);
                     });
}

base::Result<Measurement> Prober::probe_once(std::shared_ptr<const config::Target> target) {
  std::optional<Measurement> measurement = start_single_attempt(m_runner, std::move(target)).get();
  if (!measurement) {
    return base::fail("the daemon is shutting down: the probe was cut");
  }
  m_recent.record(*measurement);
  return *std::move(measurement);
}

void Prober::drain() {
  m_self_check.drain();
  m_scheduler.stop();
}

void Prober::stop() {
  drain();
  // First what attempts wait for: their completions end them.
  m_background->stop();
  m_transport->stop();
  m_self_check.stop();
}

metrics::Families Prober::collect(const metrics::Selection& selection) const {
  const base::LockGuard lock(m_series_mutex);
  metrics::Families families = m_recorder.collect(selection);
  metrics::Families servers = m_server_metrics.collect(selection);
  std::move(servers.begin(), servers.end(), std::back_inserter(families));
  return families;
}

std::vector<web::TargetStatus> Prober::statuses(const config::Config& config) const {
  const metrics::Families servers = m_server_metrics.collect(
      {.names = {"llm_server_up", "llm_server_requests_running", "llm_server_requests_waiting"}});
  return make_target_statuses(m_summaries.snapshot(), config, m_recent, servers);
}

}  // namespace inferometer::daemon
