#include "fakes/fake_clock.hpp"
#include "schedule/logged_job.hpp"
#include "schedule/scheduler.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

using inferometer::base::Duration;
using inferometer::base::MonotonicTime;
using inferometer::fakes::FakeClock;
using inferometer::schedule::Allowance;
using inferometer::schedule::Job;
using inferometer::schedule::next_tick;
using inferometer::schedule::phase_of;
using inferometer::schedule::RateLimit;
using inferometer::schedule::SkipReason;
using inferometer::schedule::TickQueue;
using inferometer::schedule::test::first_tick;
using inferometer::schedule::test::Log;
using inferometer::schedule::test::make_job;
using inferometer::schedule::test::run_until;
using namespace std::chrono_literals;

namespace {

std::shared_ptr<Allowance> make_allowance(std::optional<std::uint32_t> requests_per_minute) {
  const auto rate = requests_per_minute
                        ? std::optional(inferometer::schedule::Rate{*requests_per_minute})
                        : std::nullopt;
  return std::make_shared<Allowance>(std::make_shared<RateLimit>(rate), 1h);
}

}  // namespace

TEST_CASE("years of ticks come at their exact times without drift") {
  FakeClock clock;
  TickQueue queue;
  Log minutely;
  Log odd;
  Log daily;
  const MonotonicTime begin = clock.now();
  queue.set_jobs({make_job(minutely, "minutely", 61s), make_job(odd, "odd", 3'600'000'007ns * 100),
                  make_job(daily, "daily", 24h)},
                 begin);
  constexpr Duration k_years = 24h * 365 * 3;
  run_until(queue, clock, begin + k_years);

  for (const auto& [log, identity, interval] : {std::tuple(&minutely, "minutely", Duration(61s)),
                                                std::tuple(&odd, "odd", 3'600'000'007ns * 100),
                                                std::tuple(&daily, "daily", Duration(24h))}) {
    REQUIRE(log->starts.size() >= static_cast<std::size_t>(k_years / interval));
    CHECK(log->starts.size() <= static_cast<std::size_t>(k_years / interval) + 1);
    const Duration phase = phase_of(identity, interval);
    bool exact = true;
    MonotonicTime expected = next_tick(begin, phase, interval);
    for (const MonotonicTime start : log->starts) {
      exact = exact && start == expected && start.time_since_epoch() % interval == phase;
      expected += interval;
    }
    CHECK(exact);
    CHECK(log->skipped.empty());
  }
}

TEST_CASE("a queue without jobs has nothing to come back for") {
  TickQueue queue;
  CHECK_FALSE(queue.run_due(MonotonicTime(1h)).has_value());
  Log log;
  queue.set_jobs({make_job(log, "a", 1s)}, MonotonicTime(1h));
  CHECK(queue.run_due(MonotonicTime(1h)).has_value());
  queue.set_jobs({}, MonotonicTime(1h));
  CHECK_FALSE(queue.run_due(MonotonicTime(2h)).has_value());
  CHECK(log.starts.empty());
}

TEST_CASE("a tick that finds all runs open is skipped and counted as overlap") {
  FakeClock clock;
  TickQueue queue;
  Log log;
  log.keeps_tokens = true;
  queue.set_jobs({make_job(log, "slow", 10s, 2)}, clock.now());
  run_until(queue, clock, clock.now() + 50s);
  CHECK(log.starts.size() == 2);
  CHECK(log.skipped == std::map<SkipReason, std::uint64_t>{{SkipReason::overlap, 3}});

  log.open.erase(log.open.begin());
  run_until(queue, clock, clock.now() + 10s);
  CHECK(log.starts.size() == 3);
  CHECK(log.skipped[SkipReason::overlap] == 3);
}

TEST_CASE("a job whose runs never end delays no other job") {
  FakeClock clock;
  TickQueue queue;
  Log stuck;
  Log other;
  stuck.keeps_tokens = true;
  queue.set_jobs({make_job(stuck, "stuck", 1s), make_job(other, "other", 1s)}, clock.now());
  run_until(queue, clock, clock.now() + 100s);
  CHECK(stuck.starts.size() == 1);
  CHECK(stuck.skipped[SkipReason::overlap] == 99);
  CHECK(other.starts.size() == 100);
  CHECK(other.skipped.empty());
}

TEST_CASE("a late wake-up starts only the latest tick and reports the ones missed") {
  Log log;
  const Job job = make_job(log, "late", 10s);
  TickQueue queue;
  const MonotonicTime first = first_tick(job, MonotonicTime(1h));
  queue.set_jobs({job}, MonotonicTime(1h));

  SUBCASE("late by less than an interval nothing is missed") {
    CHECK(queue.run_due(first + 10s - 1ns) == first + 10s);
    CHECK(log.starts == std::vector{first});
    CHECK(log.skipped.empty());
  }
  SUBCASE("late by exactly an interval one is missed") {
    CHECK(queue.run_due(first + 10s) == first + 20s);
    CHECK(log.starts == std::vector{first + 10s});
    CHECK(log.skipped == std::map<SkipReason, std::uint64_t>{{SkipReason::late, 1}});
  }
  SUBCASE("late by a day all but one are missed") {
    CHECK(queue.run_due(first + 24h + 3s) == first + 24h + 10s);
    CHECK(log.starts == std::vector{first + 24h});
    CHECK(log.skipped == std::map<SkipReason, std::uint64_t>{{SkipReason::late, 8640}});
  }
}

TEST_CASE("a late wake-up during an open run reports both reasons") {
  Log log;
  log.keeps_tokens = true;
  const Job job = make_job(log, "late", 10s);
  TickQueue queue;
  const MonotonicTime first = first_tick(job, MonotonicTime(1h));
  queue.set_jobs({job}, MonotonicTime(1h));
  queue.run_due(first);
  queue.run_due(first + 30s);
  CHECK(log.starts == std::vector{first});
  CHECK(log.skipped ==
        std::map<SkipReason, std::uint64_t>{{SkipReason::late, 2}, {SkipReason::overlap, 1}});
}

TEST_CASE("an early wake-up starts nothing") {
  Log log;
  const Job job = make_job(log, "early", 10s);
  TickQueue queue;
  const MonotonicTime first = first_tick(job, MonotonicTime(1h));
  queue.set_jobs({job}, MonotonicTime(1h));
  CHECK(queue.run_due(first - 1ns) == first);
  CHECK(log.starts.empty());
}

TEST_CASE("an interval that is not positive is refused and changes nothing") {
  Log log;
  TickQueue queue;
  queue.set_jobs({make_job(log, "good", 10s)}, MonotonicTime(1h));
  CHECK_THROWS_AS(queue.set_jobs({make_job(log, "bad", 0s)}, MonotonicTime(1h)),
                  std::invalid_argument);
  CHECK_THROWS_AS(queue.set_jobs({make_job(log, "bad", -1s)}, MonotonicTime(1h)),
                  std::invalid_argument);
  queue.run_due(MonotonicTime(1h) + 10s);
  CHECK(log.starts.size() == 1);
}

TEST_CASE("a token may outlive its queue") {
  Log log;
  log.keeps_tokens = true;
  {
    TickQueue queue;
    queue.set_jobs({make_job(log, "job", 10s)}, MonotonicTime(1h));
    queue.run_due(MonotonicTime(1h) + 10s);
  }
  REQUIRE(log.open.size() == 1);
  log.open.clear();
}

TEST_CASE("a job that its allowance holds back is skipped as held and keeps its ticks") {
  FakeClock clock;
  TickQueue queue;
  Log log;
  Job job = make_job(log, "held", 10s);
  job.allowance = make_allowance(std::nullopt);
  const MonotonicTime first = first_tick(job, clock.now());
  job.allowance->hold(first + 25s - clock.now(), clock);
  queue.set_jobs({job}, clock.now());
  run_until(queue, clock, first + 40s);
  CHECK(log.skipped == std::map<SkipReason, std::uint64_t>{{SkipReason::held, 3}});
  CHECK(log.starts == std::vector{first + 30s, first + 40s});
}

TEST_CASE("an overlap takes nothing from the allowance") {
  FakeClock clock;
  TickQueue queue;
  Log log;
  log.keeps_tokens = true;
  Job job = make_job(log, "busy", 1s);
  job.allowance = make_allowance(2);
  const MonotonicTime first = first_tick(job, clock.now());
  queue.set_jobs({job}, clock.now());
  run_until(queue, clock, first + 5s);
  CHECK(log.skipped[SkipReason::overlap] == 5);
  CHECK_FALSE(job.allowance->take(clock.now()));
  CHECK(job.allowance->take(clock.now()) == SkipReason::rate_limited);
}

TEST_CASE("a single call comes at its time among the ticks and only once") {
  FakeClock clock;
  TickQueue queue;
  Log log;
  const Job job = make_job(log, "job", 10s);
  const MonotonicTime first = first_tick(job, clock.now());
  queue.set_jobs({job}, clock.now());
  std::vector<MonotonicTime> calls;
  const auto note = [&] { calls.push_back(clock.now()); };
  queue.add_once("job", first + 3s, note);
  queue.add_once("job", first + 1s, note);
  queue.add_once("nobody", first + 1s, note);
  run_until(queue, clock, first + 20s);
  CHECK(calls == std::vector{first + 1s, first + 3s});
  CHECK(log.starts.size() == 3);
}

TEST_CASE("a new job with a long interval starts soon and then at its own ticks") {
  FakeClock clock;
  TickQueue queue;
  const MonotonicTime begin = clock.now();
  std::vector<Log> logs(200);
  std::vector<Job> jobs;
  for (std::size_t i = 0; i < logs.size(); ++i) {
    jobs.push_back(make_job(logs[i], "job " + std::to_string(i), 24h));
    jobs.back().first_within = 30s;
  }
  queue.set_jobs(jobs, begin);
  run_until(queue, clock, begin + 30s);
  int in_first_half = 0;
  for (const Log& log : logs) {
    REQUIRE(log.starts.size() == 1);
    CHECK(log.starts.front() > begin);
    in_first_half += log.starts.front() <= begin + 15s ? 1 : 0;
  }
  CHECK(in_first_half > 70);  // spread
  CHECK(in_first_half < 130);

  run_until(queue, clock, begin + 30s + 48h);
  for (std::size_t i = 0; i < logs.size(); ++i) {
    CHECK(logs[i].starts.size() == 3);
    CHECK(logs[i].starts[1] == first_tick(jobs[i], logs[i].starts[0]));
    CHECK(logs[i].starts[2] == logs[i].starts[1] + 24h);
    CHECK(logs[i].skipped.empty());
  }
}

TEST_CASE("a missed first tick counts as one of the missed") {
  Log log;
  Job job = make_job(log, "job", 24h);
  job.first_within = 30s;
  TickQueue queue;
  const MonotonicTime begin(1h);
  const MonotonicTime own = first_tick(job, begin + 30s);
  queue.set_jobs({job}, begin);
  queue.run_due(own + 24h);
  CHECK(log.starts == std::vector{own + 24h});
  CHECK(log.skipped == std::map<SkipReason, std::uint64_t>{{SkipReason::late, 2}});
}
