#pragma once

#include "base/clock.hpp"
#include "schedule/allowance.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// Decides when each job starts: open loop, on absolute deadlines, whatever the jobs themselves do.
/// Independent of HTTP: a job is a name and two callables.
namespace inferometer::schedule {

using base::Duration;
using base::MonotonicTime;

/// Ends one run's claim on its job's `max_in_flight`, by destruction. May outlive the scheduler,
/// may be destroyed on any thread.
class RunToken;

struct Job {
  std::string identity;  ///< unique; decides the phase
  Duration interval{};   ///< > 0
  std::uint32_t max_in_flight = 1;
  std::shared_ptr<Allowance> allowance;  ///< asked at each tick; none: no bound

  /// Called on the scheduler's thread at each tick that is not skipped; must not block. `scheduled`
  /// is the tick's own time; the run is over when the token is destroyed. An exception is logged,
  /// here and in the next.
  std::function<void(MonotonicTime scheduled, std::shared_ptr<RunToken> token)> start;

  /// Called on the scheduler's thread, `count` ticks at once; must not block.
  std::function<void(SkipReason reason, std::uint64_t count)> skipped;

  /// A job that is new gets one more tick where its own first one would come later than this; none:
  /// it waits for its own. REQUIRES: a value > 0.
  std::optional<Duration> first_within{};

  /// Where others can see when the job is due next; may be null.
  std::shared_ptr<std::atomic<MonotonicTime>> next_due{};
};

/// The passive core: all decisions, no thread, no clock. Not thread-safe.
class TickQueue {
 public:
  TickQueue();
  TickQueue(const TickQueue&) = delete;
  TickQueue& operator=(const TickQueue&) = delete;
  ~TickQueue();

  /// Replaces the set of jobs. A job whose identity stays keeps its open runs and, if its interval
  /// stays too, its next tick; any other gets its first tick after `now`: see Job::first_within.
  /// Throws std::invalid_argument, changing nothing, if an interval is not positive.
  void set_jobs(std::vector<Job> jobs, MonotonicTime now);

  /// Calls `call` once, at `due` or as soon after as run_due is called, unless the job of that
  /// identity is gone by then. Nothing happens if there is no such job now. May be called from
  /// within a callable.
  void add_once(const std::string& identity, MonotonicTime due, std::function<void()> call);

  /// Starts or skips everything that is due at `now`, and returns when to come again; no value if
  /// there is nothing to come. Of several missed ticks of one job only the latest is started.
  /// REQUIRES: not called from within a job's callable; nor is set_jobs.
  std::optional<MonotonicTime> run_due(MonotonicTime now);

 private:
  struct Impl;
  std::unique_ptr<Impl> m_impl;
};

/// A TickQueue on a thread of its own. Thread-safe. One mutex guards the queue and is held while
/// callables run, which is why set_jobs can guarantee what it says; run_at never waits for it.
class Scheduler {
 public:
  Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;
  ~Scheduler();  ///< stops

  /// Takes effect at once; see TickQueue::set_jobs. When it returns, no call into a replaced job's
  /// callables is running or will begin. REQUIRES: not called from within a job's callable, nor
  /// with a lock held that a callable takes.
  void set_jobs(std::vector<Job> jobs);

  /// Calls `call` once, on the scheduler's thread; see TickQueue::add_once. It must not block, and
  /// is never called once its job is gone or the scheduler has stopped; an exception is logged.
  /// Does not block; may be called from within a callable.
  void run_at(const std::string& identity, MonotonicTime due, std::function<void()> call);

  /// Starts nothing any more and joins the thread. Idempotent. REQUIRES as for set_jobs.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> m_impl;
};

}  // namespace inferometer::schedule
