#pragma once

#include "fakes/fake_clock.hpp"
#include "schedule/pacer.hpp"
#include "schedule/scheduler.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace inferometer::schedule::test {

/// What a job did; its tokens stay open until the test drops them.
struct Log {
  std::vector<base::MonotonicTime> starts;
  std::vector<std::shared_ptr<RunToken>> open;
  std::map<SkipReason, std::uint64_t> skipped;
  bool keeps_tokens = false;
};

inline Job make_job(Log& log, std::string identity, base::Duration interval,
                    std::uint32_t max_in_flight = 1) {
  return {std::move(identity),
          interval,
          max_in_flight,
          nullptr,
          [&log](base::MonotonicTime scheduled, std::shared_ptr<RunToken> token) {
            log.starts.push_back(scheduled);
            if (log.keeps_tokens) {
              log.open.push_back(std::move(token));
            }
          },
          [&log](SkipReason reason, std::uint64_t count) { log.skipped[reason] += count; }};
}

/// Comes back exactly when the queue asks for it, until `end`.
inline void run_until(TickQueue& queue, fakes::FakeClock& clock, base::MonotonicTime end) {
  auto next = queue.run_due(clock.now());
  while (next && *next <= end) {
    REQUIRE(*next > clock.now());
    clock.set(*next);
    next = queue.run_due(clock.now());
  }
  clock.set(end);
}

/// The first tick of the job after `now`.
inline base::MonotonicTime first_tick(const Job& job, base::MonotonicTime now) {
  return next_tick(now, phase_of(job.identity, job.interval), job.interval);
}

}  // namespace inferometer::schedule::test
