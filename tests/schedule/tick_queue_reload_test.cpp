#include "fakes/fake_clock.hpp"
#include "schedule/logged_job.hpp"
#include "schedule/scheduler.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

using inferometer::base::MonotonicTime;
using inferometer::fakes::FakeClock;
using inferometer::schedule::Job;
using inferometer::schedule::SkipReason;
using inferometer::schedule::TickQueue;
using inferometer::schedule::test::first_tick;
using inferometer::schedule::test::Log;
using inferometer::schedule::test::make_job;
using inferometer::schedule::test::run_until;
using namespace std::chrono_literals;

TEST_CASE("a reload keeps the due tick of unchanged jobs even if it has passed") {
  Log before;
  Log after;
  Log added;
  const Job job = make_job(before, "kept", 10s);
  TickQueue queue;
  const MonotonicTime first = first_tick(job, MonotonicTime(1h));
  queue.set_jobs({job}, MonotonicTime(1h));
  queue.set_jobs({make_job(added, "added", 10s), make_job(after, "kept", 10s)}, first + 1s);
  queue.run_due(first + 1s);
  CHECK(before.starts.empty());
  CHECK(after.starts == std::vector{first});
}

TEST_CASE("a reload with a new interval takes the new phase and keeps the open runs") {
  Log log;
  log.keeps_tokens = true;
  FakeClock clock;
  TickQueue queue;
  queue.set_jobs({make_job(log, "job", 10s)}, clock.now());
  run_until(queue, clock, clock.now() + 10s);
  REQUIRE(log.starts.size() == 1);

  const Job changed = make_job(log, "job", 7s);
  const MonotonicTime first = first_tick(changed, clock.now());
  queue.set_jobs({changed}, clock.now());
  CHECK(queue.run_due(first) == first + 7s);
  CHECK(log.skipped[SkipReason::overlap] == 1);
  log.open.clear();
  queue.run_due(first + 7s);
  CHECK(log.starts.back() == first + 7s);
}

TEST_CASE("a removed job stops and comes back without its old runs") {
  Log log;
  log.keeps_tokens = true;
  FakeClock clock;
  TickQueue queue;
  queue.set_jobs({make_job(log, "job", 10s)}, clock.now());
  run_until(queue, clock, clock.now() + 10s);
  queue.set_jobs({}, clock.now());
  run_until(queue, clock, clock.now() + 100s);
  REQUIRE(log.starts.size() == 1);

  queue.set_jobs({make_job(log, "job", 10s)}, clock.now());
  run_until(queue, clock, clock.now() + 10s);
  CHECK(log.starts.size() == 2);
  CHECK(log.skipped.empty());
}

TEST_CASE("a lower limit of runs in flight holds at the next tick") {
  Log log;
  log.keeps_tokens = true;
  FakeClock clock;
  TickQueue queue;
  queue.set_jobs({make_job(log, "job", 10s, 3)}, clock.now());
  run_until(queue, clock, clock.now() + 30s);
  REQUIRE(log.starts.size() == 3);
  queue.set_jobs({make_job(log, "job", 10s, 1)}, clock.now());
  log.open.pop_back();
  run_until(queue, clock, clock.now() + 10s);
  CHECK(log.starts.size() == 3);
  CHECK(log.skipped[SkipReason::overlap] == 1);
}

TEST_CASE("a single call goes with its job and stays where the job does") {
  FakeClock clock;
  TickQueue queue;
  Log log;
  const Job gone = make_job(log, "gone", 1h);
  const Job stays = make_job(log, "stays", 1h);
  queue.set_jobs({gone, stays}, clock.now());
  std::vector<std::string> calls;
  const MonotonicTime due = clock.now() + 1s;
  queue.add_once("gone", due, [&] { calls.emplace_back("gone"); });
  queue.add_once("stays", due, [&] { calls.emplace_back("stays"); });
  queue.set_jobs({stays}, clock.now());
  run_until(queue, clock, due);
  CHECK(calls == std::vector<std::string>{"stays"});
}

TEST_CASE("a job that stays over a reload gets no second first tick") {
  FakeClock clock;
  TickQueue queue;
  Log log;
  Job job = make_job(log, "job", 24h);
  job.first_within = 30s;
  job.next_due = std::make_shared<std::atomic<MonotonicTime>>();
  queue.set_jobs({job}, clock.now());
  CHECK(job.next_due->load() <= clock.now() + 30s);
  run_until(queue, clock, clock.now() + 30s);
  queue.set_jobs({job}, clock.now());
  run_until(queue, clock, clock.now() + 60s);
  CHECK(log.starts.size() == 1);
  CHECK(job.next_due->load() == first_tick(job, log.starts.front()));
}
