#include "daemon/probing/prober.hpp"

#include "config/section/slo.hpp"
#include "daemon/probing/status.hpp"
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

metrics::SeriesPlan make_series_plan(const std::vector<config::Slo>& slos,
                                     const config::Target& target,
                                     std::shared_ptr<const schedule::Allowance> allowance,
                                     std::shared_ptr<const slo::TargetSlos> target_slos) {
  const TargetKey key = target.key();
  const auto edges = [&](std::optional<base::Duration> config::Sli::*condition) {
    return config::thresholds(slos, condition, target);
  };
  return {.key = key,
          .labels = target.provider.labels,
          .thresholds =
              {
                  .ttft = edges(&config::Sli::ttft_below),
                  .time_per_output_token = edges(&config::Sli::time_per_output_token_below),
                  .duration = edges(&config::Sli::duration_below),
              },
          .allowance = std::move(allowance),
          .slos = std::move(target_slos)};
}

/// Hands over what became of an attempt once: at the latest, as cut, when its last owner is
/// destroyed.
class Handover {
 public:
  explicit Handover(probe::Completion completion) : m_completion(std::move(completion)) {}
  Handover(const Handover&) = delete;
  Handover& operator=(const Handover&) = delete;
  ~Handover() { complete(std::nullopt); }

  void complete(std::optional<Measurement> measurement) {
    if (const probe::Completion completion = std::exchange(m_completion, nullptr)) {
      completion(std::move(measurement));
    }
  }

 private:
  probe::Completion m_completion;
};

/// In [0, 1).
double draw() {
  thread_local std::minstd_rand engine(std::random_device{}());
  return std::uniform_real_distribution<double>()(engine);
}

}  // namespace

Prober::Prober(metrics::SelfMetrics& self)
    : m_self(self),
      m_sink_factories{
          [this](const TargetKey& /*key*/) -> Sink {
            return [this](const Measurement& measurement) { m_self.observe(measurement); };
          },
          [this](const TargetKey& /*key*/) -> Sink {  // before its exemplars can be seen
            return [this](const Measurement& measurement) { m_recent.record(measurement); };
          },
          [this](const TargetKey& key) -> Sink {
            return [series = m_recorder.find(key)](const Measurement& measurement) {
              series->record(measurement);
            };
          },
          [this](const TargetKey& key) -> Sink {
            return [summary = m_summaries.find(key)](const Measurement& measurement) {
              summary->record(measurement);
            };
          },
          [this](const TargetKey& key) -> Sink {
            return [slos = m_slos.find(key)](const Measurement& measurement) {
              slos->record(measurement);
            };
          },
          [this](const TargetKey& key) -> Sink {
            return [log = m_outcome_logs.find(key)](const Measurement& measurement) {
              log->record(measurement);
            };
          },
      },
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

void Prober::apply(const std::shared_ptr<const config::Config>& config, const RateShares& shares) {
  const std::vector<TargetKey> keys = config->target_keys();
  std::vector<std::shared_ptr<const config::Target>> targets;
  for (const config::Target& target : config->targets) {
    targets.emplace_back(config, &target);
  }
  m_allowances.apply(targets, shares);
  m_slos.apply(config);
  set_series(*config);
  m_summaries.set_targets(keys);
  m_outcome_logs.set_targets(keys);
  m_runner.apply(*config);
  load_contexts(config->providers);
  m_scraper.keep(config->providers);
  m_server_log.keep(config->providers);
  auto plans = std::make_shared<const Plans>(make_plans(config, shares));
  std::vector<Job> jobs;
  for (const config::Provider& provider : config->providers) {
    add_background_jobs(provider, jobs);
  }
  for (const auto& [key, plan] : *plans) {
    jobs.push_back(make_job(plan));
  }
  {
    const base::LockGuard lock(m_plans_mutex);
    m_plans = std::move(plans);
  }
  m_scheduler.set_jobs(std::move(jobs));
}

void Prober::set_series(const config::Config& config) {
  std::vector<metrics::SeriesPlan> plans;
  plans.reserve(config.targets.size());
  for (const config::Target& target : config.targets) {
    plans.push_back(make_series_plan(config.slos, target, m_allowances.find(target),
                                     m_slos.find(target.key())));
  }
  const base::LockGuard lock(m_series_mutex);
  m_recorder.set_targets(plans, config.histograms.native_schema);
  m_server_metrics.set_providers(config.providers);
}

/// Trust and certificates, before any attempt needs them: reading the system's authorities takes 25
/// ms. What cannot be read ends each attempt with that error.
void Prober::load_contexts(const std::vector<config::Provider>& providers) {
  m_contexts->reload();
  for (const config::Provider& provider : providers) {
    if (provider.base_url.starts_with("https:")) {
      static_cast<void>(m_contexts->get(provider.tls));
    }
    if (provider.server_metrics && provider.server_metrics->url.starts_with("https:")) {
      static_cast<void>(m_contexts->get(provider.server_metrics->tls.value_or(provider.tls)));
    }
  }
}

Plans Prober::make_plans(const std::shared_ptr<const config::Config>& config,
                         const RateShares& shares) const {
  std::map<std::string_view, std::size_t> targets;  // by provider
  for (const config::Target& target : config->targets) {
    ++targets[target.provider.name];
  }
  Plans plans;
  for (const config::Target& target : config->targets) {
    const TargetKey key = target.key();
    Plan plan{.target = std::shared_ptr<const config::Target>(config, &target),
              .allowance = m_allowances.find(target),
              .series = m_recorder.find(key),
              .summary = m_summaries.find(key),
              .sinks = {},
              .next_due = std::make_shared<std::atomic<MonotonicTime>>(),
              .identity = identity_of(key),
              .first_within =
                  first_within(targets.at(target.provider.name), rate_of(target.provider, shares))};
    for (const SinkFactory& make_sink : m_sink_factories) {
      plan.sinks.push_back(make_sink(key));
    }
    plans.emplace(key, std::make_shared<const Plan>(std::move(plan)));
  }
  return plans;
}

Job Prober::make_job(std::shared_ptr<const Plan> plan) {
  Job job;
  job.identity = plan->identity;
  job.interval = plan->target->interval;
  job.max_in_flight = plan->target->max_in_flight;
  job.allowance = plan->allowance;
  job.first_within = plan->first_within;
  job.next_due = plan->next_due;
  job.skipped = [series = plan->series, summary = plan->summary](SkipReason reason,
                                                                 std::uint64_t count) {
    series->skip(reason, count);
    summary->skip(to_string(reason), count);
  };
  job.start = [this, plan = std::move(plan)](MonotonicTime scheduled,
                                             std::shared_ptr<RunToken> token) {
    begin(plan, {.target = plan->target, .scheduled = scheduled, .attempt = 1}, std::move(token));
  };
  return job;
}

/// What renews a provider's token, and what reads its own metrics: neither on the transport of the
/// attempts.
void Prober::add_background_jobs(const config::Provider& provider, std::vector<Job>& jobs) {
  const auto ignore_skips = [](SkipReason /*reason*/, std::uint64_t /*count*/) {};
  if (probe::auth::is_fetched(provider.auth)) {
    const auto refresh = [this, provider] {
      m_preparation.run([this, provider] { m_runner.refresh_token(provider); });
    };
    refresh();  // the first one now, that no attempt waits for it
    jobs.push_back({.identity = "token\n" + provider.name,
                    .interval = k_token_interval,
                    .start = [refresh](MonotonicTime /*scheduled*/,
                                       const std::shared_ptr<RunToken>& /*token*/) { refresh(); },
                    .skipped = ignore_skips});
  }
  if (provider.server_metrics) {
    const auto scrape = [this, provider] {
      m_scraper.start(provider, [this](const scrape::Scrape& result) {
        m_server_metrics.record(result);
        m_server_log.record(result);
      });
    };
    jobs.push_back(
        {.identity = "server metrics\n" + provider.name,
         .interval = provider.server_metrics->interval,
         .start =
             [this, scrape](MonotonicTime /*scheduled*/, const std::shared_ptr<RunToken>& token) {
               m_preparation.run([scrape, token] { scrape(); });
             },
         .skipped = ignore_skips});
  }
}

void Prober::begin(const std::shared_ptr<const Plan>& plan, const probe::Runner::Order& order,
                   std::shared_ptr<RunToken> token) {
  plan->series->begin();
  start(order, [this, plan,
                token = std::move(token)](const std::optional<Measurement>& measurement) mutable {
    finish(plan, measurement, std::move(token));
  });
}

/// Has an attempt prepared and started on the thread that may wait for files.
void Prober::start(const probe::Runner::Order& order, probe::Completion completion) {
  ++m_open;
  auto handover = std::make_shared<Handover>(
      [this, completion = std::move(completion)](std::optional<Measurement> measurement) {
        completion(std::move(measurement));
        --m_open;
      });
  m_preparation.run([this, order, handover = std::move(handover)] {
    m_runner.start(order, [handover](std::optional<Measurement> measurement) {
      handover->complete(std::move(measurement));
    });
  });
}

void Prober::finish(const std::shared_ptr<const Plan>& plan,
                    const std::optional<Measurement>& measurement,
                    std::shared_ptr<RunToken> token) {
  if (!measurement) {
    plan->series->abandon();
    return;
  }
  plan->record(*measurement);
  hold_if_refused(*plan, *measurement);
  retry(plan, *measurement, std::move(token));
}

void Prober::hold_if_refused(const Plan& plan, const Measurement& measurement) {
  const bool limited = measurement.outcome == Outcome::rate_limited ||
                       measurement.outcome == Outcome::quota_exhausted;
  if (limited && measurement.retry_after) {
    plan.allowance->hold(*measurement.retry_after, base::system_clock());
  }
}

/// Repeats a failed attempt where the workload says so; its run goes on until the last one ends.
void Prober::retry(const std::shared_ptr<const Plan>& plan, const Measurement& failed,
                   std::shared_ptr<RunToken> token) {
  const auto delay = probe::retry_delay(failed, plan->target->workload.retries, draw());
  if (!delay) {
    return;
  }
  const MonotonicTime due = base::system_clock().now() + *delay;
  m_scheduler.run_at(
      plan->identity, due,
      [this, plan, due, attempt = failed.attempt + 1, token = std::move(token)] {
        if (!plan->allowance->take(base::system_clock().now())) {  // else nothing is repeated
          begin(plan, {.target = plan->target, .scheduled = due, .attempt = attempt}, token);
        }
      });
}

OnDemandResult Prober::probe_once(const OnDemandOrder& order) {
  const std::shared_ptr<const Plans> all = plans();
  const auto found = all->find(order.target);
  if (found == all->end()) {
    return no_measurement(
        NoMeasurement::Cause::unavailable,
        "the configuration has just changed and has no such probe any more: try again");
  }
  const std::shared_ptr<const Plan> plan = found->second;
  const MonotonicTime now = base::system_clock().now();
  if (const auto refused = plan->allowance->take(now)) {
    return no_measurement(
        NoMeasurement::Cause::too_many,
        *refused == SkipReason::held
            ? "the provider has refused this model and is left alone for a while: see "
              "llm_probe_held_until_timestamp_seconds"
            : "the provider's requests_per_minute are used up: try again later");
  }
  const auto answer = std::make_shared<OnDemandAnswer>();
  start({.target = bounded(plan->target, order.timeout),
         .scheduled = now,
         .attempt = 1,
         .cancellation = answer->cancellation()},
        [this, plan, answer](std::optional<Measurement> measurement) {
          if (measurement) {
            m_recent.record(*measurement);
            plan->series->record_on_demand(*measurement);
            log_on_demand(*measurement);
            hold_if_refused(*plan, *measurement);
          }
          answer->set(std::move(measurement));
        });
  return answer->wait(order, now);
}

std::shared_ptr<const Plans> Prober::plans() const {
  const base::LockGuard lock(m_plans_mutex);
  return m_plans;
}

void Prober::drain() {
  m_self_check.drain();
  m_scheduler.stop();
}

void Prober::stop() {
  drain();
  m_preparation.stop();  // what was not begun is cut
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

std::vector<web::TargetStatus> Prober::statuses() const {
  const metrics::Families servers = m_server_metrics.collect(
      {.names = {"llm_server_up", "llm_server_requests_running", "llm_server_requests_waiting"}});
  return make_target_statuses(*plans(), m_recent, servers, base::system_clock());
}

}  // namespace inferometer::daemon
